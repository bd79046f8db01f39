-- Once, as the user postgres: psql -v ON_ERROR_STOP=1 -v password=... -f deploy/postgresql.sql
-- The role owns its database and nothing else, and makes the tables itself.
CREATE ROLE conflictmap LOGIN PASSWORD :'password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 90;
CREATE DATABASE conflictmap OWNER conflictmap ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE conflictmap FROM PUBLIC;
