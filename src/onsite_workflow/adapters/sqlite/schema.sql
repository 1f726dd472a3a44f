-- Times are whole microseconds since 1970 UTC: they sort, and nothing is lost. Texts are compared by
-- their UTF-8, which is the order of code points. No row of ``events`` is ever deleted, so that no
-- position is given twice. ``case_id`` is the key of a record of any procedure.

CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    command_id TEXT,  -- this and the rest in the first event of each commit
    content TEXT,
    answer TEXT,
    last_version INTEGER,  -- of the commit
    UNIQUE (centre, case_id, version)
);
CREATE UNIQUE INDEX events_by_command ON events (centre, command_id)
    WHERE command_id IS NOT NULL;
CREATE INDEX events_by_centre ON events (centre, position)  -- most files have one centre
    WHERE centre <> 'default';
CREATE TABLE claims (
    centre TEXT NOT NULL,
    key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, key)
) WITHOUT ROWID;
CREATE TABLE cases (
    centre TEXT NOT NULL,
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    result TEXT,
    edition TEXT NOT NULL,
    lead TEXT,
    units TEXT NOT NULL,  -- JSON, in order: case_units finds them
    opened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    head TEXT NOT NULL,
    calendar_revision TEXT NOT NULL,
    applicant_keys TEXT NOT NULL,  -- JSON, in order: case_applicants finds them
    owed TEXT NOT NULL,  -- JSON: due, case, kind and subject of each obligation
    procedure TEXT NOT NULL DEFAULT 'case',
    PRIMARY KEY (centre, case_id)
) WITHOUT ROWID;
CREATE INDEX cases_by_state ON cases (centre, state, case_id);
CREATE INDEX cases_by_calendar ON cases (centre, calendar_revision, case_id);
CREATE TABLE case_units (
    centre TEXT NOT NULL,
    unit TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, unit, case_id)
) WITHOUT ROWID;
CREATE TABLE case_applicants (
    centre TEXT NOT NULL,
    applicant_key TEXT NOT NULL,
    case_id TEXT NOT NULL,
    PRIMARY KEY (centre, applicant_key, case_id)
) WITHOUT ROWID;
CREATE TABLE obligations (
    centre TEXT NOT NULL,
    due INTEGER NOT NULL,  -- the greatest number where nothing sets a limit
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject NOT NULL,  -- 0 where there is none: a number sorts before every text
    clause TEXT NOT NULL,
    bearer TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    due_day TEXT,
    status TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    earliest TEXT,
    latest TEXT,
    met_at INTEGER,
    worker TEXT,  -- of the lease, and until when it runs
    until INTEGER,
    procedure TEXT NOT NULL DEFAULT 'case',
    opened_by INTEGER,  -- the version of that entry, none where an earlier schema listed it
    PRIMARY KEY (centre, due, case_id, kind, subject)
) WITHOUT ROWID;
CREATE INDEX obligations_by_bearer ON obligations (centre, bearer, due, case_id, kind, subject);
CREATE TABLE positions (
    centre TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    position TEXT NOT NULL,
    PRIMARY KEY (centre, subscriber)
) WITHOUT ROWID;
-- Most obligations are of cases, and those are looked for by due time.
CREATE INDEX cases_by_procedure ON cases (centre, procedure, case_id);
CREATE INDEX obligations_by_procedure
    ON obligations (centre, procedure, due, case_id, kind, subject) WHERE procedure <> 'case';
