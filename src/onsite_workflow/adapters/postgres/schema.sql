-- The schema of the PostgreSQL store, version 1. PostgresStore's init_schema runs it once; nobody
-- else needs to. What each table is for, an administrator reads here.
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
    PRIMARY KEY (centre, case_id)
);
CREATE INDEX cases_by_state ON onsite_workflow.cases (centre, state, case_id);
CREATE INDEX cases_by_calendar ON onsite_workflow.cases (centre, calendar_revision, case_id);

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
    PRIMARY KEY (centre, case_id, kind, subject)
);
CREATE INDEX obligations_by_due ON onsite_workflow.obligations
    (centre, due, case_id, kind, subject);
CREATE INDEX obligations_by_bearer ON onsite_workflow.obligations
    (centre, bearer, due, case_id, kind, subject);

-- How far each subscriber has come in the feed.
CREATE TABLE onsite_workflow.positions (
    centre text COLLATE "C" NOT NULL,
    subscriber text COLLATE "C" NOT NULL,
    position text NOT NULL,
    PRIMARY KEY (centre, subscriber)
);

-- Puts these lists in the place of what is listed of a case whose line the caller has locked.
-- A lease goes on where its obligation stands as it was.
CREATE FUNCTION onsite_workflow.list_case(
    a_centre text, a_case text, a_marks text[],
    a_obligations onsite_workflow.obligations[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM onsite_workflow.case_marks
    WHERE centre = a_centre AND case_id = a_case AND mark <> ALL (a_marks);
    INSERT INTO onsite_workflow.case_marks
    SELECT a_centre, a_case, mark FROM unnest(a_marks) AS mark
    ON CONFLICT DO NOTHING;

    WITH ended AS (
        DELETE FROM onsite_workflow.obligations o
        WHERE centre = a_centre AND case_id = a_case AND NOT EXISTS (
            SELECT FROM unnest(a_obligations) AS owed
            WHERE owed.kind = o.kind AND owed.subject = o.subject
        )
    )
    INSERT INTO onsite_workflow.obligations AS o SELECT * FROM unnest(a_obligations)
    ON CONFLICT (centre, case_id, kind, subject) DO UPDATE SET
        clause = excluded.clause,
        bearer = excluded.bearer,
        opened_at = excluded.opened_at,
        due_day = excluded.due_day,
        due = excluded.due,
        status = excluded.status,
        provisional = excluded.provisional,
        earliest = excluded.earliest,
        latest = excluded.latest,
        met_at = excluded.met_at,
        worker = CASE WHEN (o.opened_at, o.due) = (excluded.opened_at, excluded.due)
            THEN o.worker END,
        leased_until = CASE WHEN (o.opened_at, o.due) = (excluded.opened_at, excluded.due)
            THEN o.leased_until END
    WHERE (o.clause, o.bearer, o.opened_at, o.due_day, o.due, o.status, o.provisional,
            o.earliest, o.latest, o.met_at)
        IS DISTINCT FROM (excluded.clause, excluded.bearer, excluded.opened_at, excluded.due_day,
            excluded.due, excluded.status, excluded.provisional, excluded.earliest,
            excluded.latest, excluded.met_at);
END $$;

-- All of a commit, or nothing: true where it is stored; false where the case is at another version
-- or the store is not as it should be; a unique violation where the command's id is used or another
-- case holds a key. Why it was, the caller then asks.
--
-- A function, because the server keeps the plans of its statements in every session, whoever calls
-- it, and behind whatever pooler. Each statement sees what was committed before it began: all after
-- the first know that nobody else is writing to the case.
CREATE FUNCTION onsite_workflow.append(
    a_centre text, a_case text, a_expected integer, a_version integer,
    a_command_id text, a_content text, a_answer text, a_records text[], a_keys text[],
    a_state text, a_result text, a_edition text, a_lead text, a_units text[],
    a_opened_at timestamptz, a_recorded_at timestamptz, a_head text, a_calendar_revision text,
    a_applicant_keys text[], a_marks text[],
    a_obligations onsite_workflow.obligations[]
) RETURNS boolean
LANGUAGE plpgsql
SET lock_timeout = '30s' AS $$
DECLARE
    v_generation integer;
    v_placed xid8 := pg_current_xact_id();
    v_number bigint;
BEGIN
    -- Where others' events lie above every transaction that has been, the database was restored into another
    -- cluster, and the next ones would come before them.
    SELECT generation INTO v_generation FROM onsite_workflow.store
    WHERE schema_version = 1 AND NOT EXISTS (
        SELECT FROM onsite_workflow.events above
        WHERE above.centre = a_centre AND above.generation = store.generation
            AND above.placed >= pg_snapshot_xmax(pg_current_snapshot())
            AND above.placed > v_placed
    );
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    IF a_expected = 0 THEN
        INSERT INTO onsite_workflow.cases
        VALUES (a_centre, a_case, a_version, a_state, a_result, a_edition, a_lead, a_units,
            a_opened_at, a_recorded_at, a_head, a_calendar_revision, a_applicant_keys,
            v_generation, v_placed)
        ON CONFLICT DO NOTHING;
    ELSE
        -- A transaction of several appends may have begun, and got its number, before the one that
        -- wrote the case's last event: that event's place is then the least that this one can have.
        UPDATE onsite_workflow.cases
        SET version = a_version, state = a_state, result = a_result, edition = a_edition,
            lead = a_lead, units = a_units, opened_at = a_opened_at, recorded_at = a_recorded_at,
            head = a_head, calendar_revision = a_calendar_revision,
            applicant_keys = a_applicant_keys, generation = v_generation,
            placed = CASE WHEN generation = v_generation
                THEN greatest(placed, v_placed) ELSE v_placed END
        WHERE centre = a_centre AND case_id = a_case AND version = a_expected
        RETURNING placed INTO v_placed;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    -- Drawn with the case locked, so that the numbers of a case grow with its versions.
    v_number := nextval('onsite_workflow.feed_number');
    INSERT INTO onsite_workflow.commits
    VALUES (a_centre, a_command_id, a_content, a_case, a_expected + 1, a_version, a_answer);
    INSERT INTO onsite_workflow.events
    SELECT a_centre, a_case, a_expected + n, v_generation, v_placed, v_number, record
    FROM unnest(a_records) WITH ORDINALITY AS records (record, n);
    IF a_keys <> '{}' THEN
        -- In one order, so that two who claim the same keys wait for one another but once.
        INSERT INTO onsite_workflow.claims
        SELECT a_centre, wanted.key, a_case FROM unnest(a_keys) AS wanted (key)
        WHERE NOT EXISTS (
            SELECT FROM onsite_workflow.claims held
            WHERE held.centre = a_centre AND held.key = wanted.key AND held.case_id = a_case
        )
        GROUP BY wanted.key
        ORDER BY wanted.key COLLATE "C";
    END IF;
    PERFORM onsite_workflow.list_case(a_centre, a_case, a_marks, a_obligations);
    RETURN true;
END $$;

-- Other lists for a case that is still at that version; whether it was.
CREATE FUNCTION onsite_workflow.reindex(
    a_centre text, a_case text, a_version integer, a_state text, a_result text, a_edition text,
    a_lead text, a_units text[], a_opened_at timestamptz, a_recorded_at timestamptz, a_head text,
    a_calendar_revision text, a_applicant_keys text[], a_marks text[],
    a_obligations onsite_workflow.obligations[]
) RETURNS boolean
LANGUAGE plpgsql
SET lock_timeout = '30s' AS $$
BEGIN
    UPDATE onsite_workflow.cases
    SET state = a_state, result = a_result, edition = a_edition, lead = a_lead, units = a_units,
        opened_at = a_opened_at, recorded_at = a_recorded_at, head = a_head,
        calendar_revision = a_calendar_revision, applicant_keys = a_applicant_keys
    WHERE centre = a_centre AND case_id = a_case AND version = a_version;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM onsite_workflow.list_case(a_centre, a_case, a_marks, a_obligations);
    RETURN true;
END $$;

INSERT INTO onsite_workflow.store (schema_version, generation) VALUES (1, 1);
