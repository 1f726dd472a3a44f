-- The schema of the PostgreSQL store, version 2: its tables. init_schema runs it once, and then
-- functions.sql; nobody else needs to. An administrator reads here what each table is for.
--
-- A record is one case, or one run of another procedure. case_id is its key: a case's plain id, and
-- '<procedure>/<id>' otherwise.
--
-- Texts that are compared have the collation "C", which is the order of code points, whatever
-- collation the database has. The primary key of each table of a record begins with (centre,
-- case_id), so that a distributed PostgreSQL can keep all rows of a record in one place. A command's
-- id and a claimed key are promised across records: commits and claims can be distributed by centre,
-- by their own id, or not at all.

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
    -- placed is the number of the writing transaction, or that of the record's last one if greater;
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

-- Which record holds a claimed key: a notice number or an archive number.
CREATE TABLE onsite_workflow.claims (
    centre text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (centre, key)
);

-- One line for each record, as of its last commit. Whoever writes to a record locks its line first.
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

-- What else a record is found by: 'unit:' and a unit's name, 'applicant:' and a keyed hash.
CREATE TABLE onsite_workflow.case_marks (
    centre text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    mark text COLLATE "C" NOT NULL,
    PRIMARY KEY (centre, case_id, mark)
);
CREATE INDEX case_marks_by_mark ON onsite_workflow.case_marks (centre, mark, case_id);

-- What is owed, as of each record's last commit. No subject is '', and a subject has '=' before it;
-- no due time is infinity. So the order of the index is the order that the port asks for.
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
    -- The version of the entry that did so; none where it was listed by version 1 of the schema.
    opened_by integer,
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
