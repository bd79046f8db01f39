"""The first tables: revisions, audit, and the rows of the schema as they were then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from conflictmap.store.migrations.columns import TEXT, columns_of

revision = "0001"
down_revision = None

# Table: its key, and its columns.
_ROWS = {
    "sources": (
        "source_id",
        "source_id title publisher source_kind published_date:date published_basis "
        "reading_order:integer text_sha256 coder_note",
    ),
    "incidents": (
        "incident_id",
        "incident_id title description date_from:date date_to:date date_precision date_basis "
        "date_words event_type coder_note",
    ),
    "incident_places": (
        "incident_id place_no",
        "incident_id place_no:integer place_name place_relation place_words latitude:number "
        "longitude:number coordinate_precision district_name province_name country adm1_code "
        "adm2_code geo_precision join_method boundary_edition point_latitude:number "
        "point_longitude:number precision_km:number cross_border_direction "
        "border_province_name source_id",
    ),
    "place_candidates": (
        "subject_table subject_id place_no unit_code",
        "subject_table subject_id place_no:integer unit_code",
    ),
    "incident_targets": (
        "incident_id target_no",
        "incident_id target_no:integer target_type target_community source_id",
    ),
    "attributions": (
        "attribution_id",
        "attribution_id incident_id actor_id kind by_whom words source_id",
    ),
    "casualties": (
        "casualty_id",
        "casualty_id incident_id victim_group harm low:integer best:integer high:integer "
        "qualifier words is_subset:boolean is_counted:boolean nationality community sex age "
        "said_by source_id coder_note",
    ),
    "incident_sources": (
        "incident_id source_id statement_no",
        "incident_id source_id statement_no:integer paragraph:integer statement",
    ),
    "actors": (
        "actor_id",
        "actor_id name affiliation status first_announced_date_from:date "
        "first_announced_date_to:date first_announced_date_precision "
        "first_announced_date_basis first_announced_date_words description source_id "
        "coder_note",
    ),
    "actor_names": (
        "actor_id alias source_id",
        "actor_id alias source_id",
    ),
    "actor_leaders": (
        "actor_id leader_name source_id",
        "actor_id leader_name role is_confirmed:boolean source_id",
    ),
    "actor_areas": (
        "actor_id area_no",
        "actor_id area_no:integer area_words district_name province_name country adm1_code "
        "adm2_code geo_precision join_method boundary_edition source_id",
    ),
    "units": (
        "unit_id",
        "unit_id name echelon parent_unit_id actor_id source_id coder_note",
    ),
    "deployments": (
        "deployment_id",
        "deployment_id unit_id actor_id kind title date_from:date date_to:date date_precision "
        "date_basis date_words strength_low:integer strength_best:integer "
        "strength_high:integer strength_qualifier strength_words strength_unit confidence "
        "said_by source_id coder_note",
    ),
    "deployment_places": (
        "deployment_id place_no",
        "deployment_id place_no:integer role place_name place_relation place_words "
        "latitude:number longitude:number coordinate_precision district_name province_name "
        "country adm1_code adm2_code geo_precision join_method boundary_edition "
        "point_latitude:number point_longitude:number precision_km:number source_id "
        "coder_note",
    ),
    "claims": (
        "claim_id",
        "claim_id topic text said_by date_from:date date_to:date date_precision date_basis "
        "date_words value_low:integer value_best:integer value_high:integer value_qualifier "
        "value_words value_unit paragraph:integer source_id coder_note",
    ),
    "claim_actors": (
        "claim_id actor_id",
        "claim_id actor_id",
    ),
    "claim_areas": (
        "claim_id area_no",
        "claim_id area_no:integer area_words district_name province_name country adm1_code "
        "adm2_code geo_precision join_method boundary_edition",
    ),
    "tallies": (
        "tally_id",
        "tally_id publisher label measure statistic basis actor_id is_unattributed:boolean "
        "victim_group value:integer qualifier words date_from:date date_to:date "
        "date_precision date_basis date_words scope paragraph:integer source_id coder_note",
    ),
    "tally_areas": (
        "tally_id area_no",
        "tally_id area_no:integer district_name province_name country adm1_code adm2_code "
        "geo_precision join_method boundary_edition",
    ),
    "coverage": (
        "coverage_id area_no",
        "coverage_id area_no:integer source_id measure actor_id date_from:date date_to:date "
        "date_precision date_basis date_words is_event_level:boolean words district_name "
        "province_name country adm1_code adm2_code geo_precision join_method boundary_edition",
    ),
}


def upgrade() -> None:
    """Make them all."""
    op.create_table(
        "schema_versions",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("applied_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "revisions",
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("published_at", sa.DateTime, nullable=False),
        sa.Column("published_by", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("content_sha256", TEXT, index=True),
        sa.Column("rolled_back_to", sa.Integer),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("revision", sa.Integer),
    )
    for name, (key, words) in _ROWS.items():
        op.create_table(
            name,
            sa.Column("row_no", sa.Integer, primary_key=True),
            *columns_of(words),
            sa.Column(
                "added_in",
                sa.Integer,
                sa.ForeignKey("revisions.revision"),
                nullable=False,
                index=True,
            ),
            sa.Column("withdrawn_in", sa.Integer, sa.ForeignKey("revisions.revision"), index=True),
        )
        op.create_index(
            f"one_{name}_row_a_key",
            name,
            key.split(),
            unique=True,
            sqlite_where=sa.text("withdrawn_in IS NULL"),
            postgresql_where=sa.text("withdrawn_in IS NULL"),
        )
