-- The schema of the PostgreSQL store, version 2: its tables. init_schema runs it once, and then
-- functions.sql; nobody else needs to. An administrator reads here what each table is for.
--
-- A record is one case, or one run of another procedure. case_id is its key: a case's plain id, and
-- '<procedure>/<id>' otherwise.
--
-- Texts that are compared have the collation "C": the order of code points, whatever the database
-- was made with. Every table of a case has (centre, case_id) at the head of its primary key, so
-- that a distributed PostgreSQL can keep all rows of a case in one place. Two promises are not of
-- one case (a command's id, a claimed key): commits and claims can only be spread by centre, by
-- their own id, or not at all.

CREATE SCHEMA onsite_workflow;

-- One row: what this schema is.
CREATE TABLE onsite_workflow.store (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    schema_version integer NOT NULL,
    -- How often transaction numbers have begun anew (see events.placed).
    generation integer NOT NULL
);

-- The record. Rows are added, and never changed or removed.
CREATE TABLE onsite_workflow.events (
    centre text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    -- The place in the feed: (generation, placed, number, version). A sequence alone would not do:
    -- its numbers are drawn before commits, so a reader may pass a number that is committed after.
    -- placed is the number of the writing transaction, or that of the case's last one if greater;
    -- the feed gives what lies below every transaction that still runs.
    generation integer NOT NULL,
    placed xid8 NOT NULL,
    number bigint NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (centre, case_id, version)
);
CREATE INDEX events_in_order ON onsite_workflow.events
    (centre, generation, placed, number, version);
CREATE SEQUENCE onsite_workflow.feed_number;

-- Which command stored which events, and what it was answered.
CREATE TABLE onsite_workflow.commits (
    centre text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    content text NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    first_version integer NOT NULL,
    last_version integer NOT NULL,
    answer text NOT NULL,
    PRIMARY KEY (centre, command_id)
);

-- Which case holds a notice number or an archive number.
CREATE TABLE onsite_workflow.claims (
    centre text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (centre, key)
);

-- A line a case, as of its last commit. Who writes anything of a case holds the lock of its line.
CREATE TABLE onsite_workflow.cases (
    centre text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    result text,
    edition text NOT NULL,
    lead text,
    units text[] NOT NULL,
    opened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    head text NOT NULL,
    calendar_revision text COLLATE "C" NOT NULL,
    applicant_keys text[] NOT NULL,
    -- Of its last event.
    generation integer NOT NULL,
    placed xid8 NOT NULL,
    procedure text COLLATE "C" NOT NULL DEFAULT 'case',
    PRIMARY KEY (centre, case_id)
);
CREATE INDEX cases_by_state ON onsite_workflow.cases (centre, state, case_id);
CREATE INDEX cases_by_calendar ON onsite_workflow.cases (centre, calendar_revision, case_id);
CREATE INDEX cases_by_procedure ON onsite_workflow.cases (centre, procedure, case_id);

-- What else a case is found by: 'unit:' and a unit's name, 'applicant:' and a keyed hash.
CREATE TABLE onsite_workflow.case_marks (
    centre text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    mark text COLLATE "C" NOT NULL,
    PRIMARY KEY (centre, case_id, mark)
);
CREATE INDEX case_marks_by_mark ON onsite_workflow.case_marks (centre, mark, case_id);

-- What is owed, as of each case's last commit. subject is '' for none and '=' with the subject
-- otherwise, due is infinity for none: so the order of the index is the order of the port.
CREATE TABLE onsite_workflow.obligations (
    centre text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    clause text NOT NULL,
    bearer text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    due_day date,
    due timestamptz NOT NULL,
    status text NOT NULL,
    provisional boolean NOT NULL,
    earliest date,
    latest date,
    met_at timestamptz,
    -- The lease.
    worker text,
    leased_until timestamptz,
    procedure text COLLATE "C" NOT NULL DEFAULT 'case',
    -- The versions of the entries that did so; none where it was listed by version 1 of the schema.
    opened_by integer,
    met_by integer,
    ended_by integer,
    PRIMARY KEY (centre, case_id, kind, subject)
);
CREATE INDEX obligations_by_due ON onsite_workflow.obligations
    (centre, due, case_id, kind, subject);
CREATE INDEX obligations_by_bearer ON onsite_workflow.obligations
    (centre, bearer, due, case_id, kind, subject);
-- Most are of cases, and those are looked for by due time.
CREATE INDEX obligations_by_procedure ON onsite_workflow.obligations
    (centre, procedure, due, case_id, kind, subject) WHERE procedure <> 'case';

-- How far each subscriber has come in the feed.
CREATE TABLE onsite_workflow.positions (
    centre text COLLATE "C" NOT NULL,
    subscriber text COLLATE "C" NOT NULL,
    position text NOT NULL,
    PRIMARY KEY (centre, subscriber)
);

INSERT INTO onsite_workflow.store (schema_version, generation) VALUES (2, 1);
