"""The doctor: looks over an installation and says what is well, what is not and how to mend it.

`finding` says what a finding is, `installation` looks at the machine and the program, `storage` at
the store as a database, `rows` at the rules that its rows keep. Nothing is changed by looking, and
no finding holds a cell's text, an address or a secret.
"""

from conflictmap.doctor.examine import examine
from conflictmap.doctor.finding import Finding

__all__ = ["Finding", "examine"]
