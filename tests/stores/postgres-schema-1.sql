-- What version 1 of the PostgreSQL schema was, and what it made of three invented cases, one of them
-- of another centre, with a lease and a subscriber's position.

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

INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '1', '1', pg_current_xact_id(), '1', E'{"event":"applied","schema":1,"case":"XN-2","version":1,"at":"2026-03-01T23:59:59.999999+08:00","recorded_at":"2026-03-01T23:59:59.999999+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"编号 XN-2 ''é'' % _ \\\\ 𠮷","applicant":{"name":"𠮷野家 é","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":" 孝南区\\n书院街道 ''quoted'' \\"双引号\\" 100% \\\\n 🏠 ","ground":"disabled","reason":"𤭢、𪚥：生僻字不得丢失。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}]}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '2', '1', pg_current_xact_id(), '2', '{"event":"transferred","schema":1,"case":"XN-2","version":2,"at":"2026-03-02T09:00:00.000001+08:00","recorded_at":"2026-03-02T09:00:00.000001+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","previous":"sha256:cf977323288ad6cc331a203e0cb843ae241795b36b76693eb2344d4ccdf24b8d","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-2-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-2-2号","items":["A.9.1"]}]}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '3', '1', pg_current_xact_id(), '3', '{"event":"accepted","schema":1,"case":"XN-2","version":3,"at":"2026-03-02T15:00:00.500000+08:00","recorded_at":"2026-03-02T15:00:00.500000+08:00","by":{"role":"handling_unit","name":"徐长春","unit":"孝南区医疗保障局"},"edition":"DB4209/T 32—2023","state":"transferred","previous":"sha256:141d826737064a0f54ccb7bf041a3fb3a72a2d474ac6b7a00661a7dae87e463d"}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '4', '1', pg_current_xact_id(), '4', '{"event":"accepted","schema":1,"case":"XN-2","version":4,"at":"2026-03-02T10:00:00.123456+08:00","recorded_at":"2026-03-02T15:00:00.500000+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","previous":"sha256:d2fd322aa5aded1972365fcd80cb2911300b0597169ba55b612f03929db7bfd0"}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '5', '1', pg_current_xact_id(), '5', '{"event":"scheduled","schema":1,"case":"XN-2","version":5,"at":"2026-03-02T15:30:00+08:00","recorded_at":"2026-03-02T15:30:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"scheduled","previous":"sha256:e731e2906b121f311e51afbf46cc8edb2cde81cfd33f1c2a0883e468ba2a1b9c","start":"2026-03-03T09:00:00+08:00","end":"2026-03-03T10:00:00+08:00","place":"家中","materials":[],"staff":[{"name":"陈志远","unit":"孝南区残疾人联合会"},{"name":"徐长春","unit":"孝南区医疗保障局"}]}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '6', '1', pg_current_xact_id(), '6', '{"event":"visit_failed","schema":1,"case":"XN-2","version":6,"at":"2026-03-03T09:00:59.999999+08:00","recorded_at":"2026-03-03T09:00:59.999999+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","previous":"sha256:e039749b0fc139600ed57b3a3814b2665c3ee51f57177778c6df072383b7fec2","cause":"staff_absent"}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-2', '7', '1', pg_current_xact_id(), '7', '{"event":"corrected","schema":1,"case":"XN-2","version":7,"at":"2026-03-03T12:00:00+08:00","recorded_at":"2026-03-03T12:00:00+08:00","by":{"role":"handling_unit","name":"陈志远","unit":"孝南区残疾人联合会"},"edition":"DB4209/T 32—2023","state":"accepted","previous":"sha256:ec9f32606587e24a66c0560416b8793891b7cddaa2d87dbe683f2f75b8f4dc36","entry":5,"fields":{"end":null,"materials":["残疾人证　原件"]},"reason":"没有约定结束时间。"}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-3', '1', '1', pg_current_xact_id(), '8', '{"event":"applied","schema":1,"case":"XN-3","version":1,"at":"2026-03-02T09:00:00+08:00","recorded_at":"2026-03-02T09:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"XN-3:apply","applicant":{"name":"王秀兰","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":"孝南区书院街道槐荫大道118号3栋2单元602室","ground":"disabled","reason":"长期卧床，无法前往政务服务中心。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}],"evidence":[{"name":"残疾人证复印件","sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}');
INSERT INTO onsite_workflow.events VALUES ('default', 'XN-3', '2', '1', pg_current_xact_id(), '9', '{"event":"transferred","schema":1,"case":"XN-3","version":2,"at":"2026-03-02T10:00:00+08:00","recorded_at":"2026-03-02T10:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"transferred","previous":"sha256:6bcf948a555ff5c88baff73fef5d619d1d1c4919de7933f6a4e5a019f5ea0a50","notices":[{"unit":"孝南区残疾人联合会","role":"lead","number":"孝南上门转〔2026〕XN-3-1号","items":["A.5.2"]},{"unit":"孝南区医疗保障局","role":"assisting","number":"孝南上门转〔2026〕XN-3-2号","items":["A.9.1"]}]}');
INSERT INTO onsite_workflow.events VALUES ('north', 'XN-1', '1', '1', pg_current_xact_id(), '10', '{"event":"applied","schema":1,"case":"XN-1","version":1,"at":"2026-03-02T09:00:00+08:00","recorded_at":"2026-03-02T09:00:00+08:00","by":{"role":"integrated_window","name":"柳文静","id":"ZC-01"},"edition":"DB4209/T 32—2023","state":"applied","id":"XN-1:apply","applicant":{"name":"王秀兰","phone":"0712-2000301"},"recipient":{"name":"王德福","relation":"父亲"},"address":"孝南区书院街道槐荫大道118号3栋2单元602室","ground":"disabled","reason":"长期卧床，无法前往政务服务中心。","items":[{"id":"A.5.2","name":"残疾人证换领"},{"id":"A.9.1","name":"基本医疗保险参保人员医疗费用门诊费用报销"}],"evidence":[{"name":"残疾人证复印件","sha256":"0000000000000000000000000000000000000000000000000000000000000000"}]}');

INSERT INTO onsite_workflow.commits VALUES ('default', '1606192a7160c97d53c5e66f653b76a003356ed93f09fa2939c76a3bb71b7ae2', '1606192a7160c97d53c5e66f653b76a003356ed93f09fa2939c76a3bb71b7ae2', 'XN-2', '5', '5', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', '426885453e74ae61900ebfc0513509b0ab84504db65b7429daf236f13de2f69d', '426885453e74ae61900ebfc0513509b0ab84504db65b7429daf236f13de2f69d', 'XN-2', '3', '3', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', '46ebc18f52178335e099cc5665468e70970c7ed239e2ce51d55b1cfa44282f55', '46ebc18f52178335e099cc5665468e70970c7ed239e2ce51d55b1cfa44282f55', 'XN-2', '4', '4', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', 'XN-3:apply', 'b6b147ca8490d660f6dedddb31c663e2667a1aa2a44e78d98936817c40ddf424', 'XN-3', '1', '1', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', 'a60bb868ea8ee43789692507e75de3eee530f029399e07db99e1912b4bad5241', 'a60bb868ea8ee43789692507e75de3eee530f029399e07db99e1912b4bad5241', 'XN-2', '7', '7', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', 'ae17a080a9ae0d37cd81648d9cc3dc92d292cb24bb49f90590bf9d1eddfa6f31', 'ae17a080a9ae0d37cd81648d9cc3dc92d292cb24bb49f90590bf9d1eddfa6f31', 'XN-3', '2', '2', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', 'c6fb29a7185cf721fdbd36bdcd54e2384a6255477ec3df9fa42c0b58dc2b2832', 'c6fb29a7185cf721fdbd36bdcd54e2384a6255477ec3df9fa42c0b58dc2b2832', 'XN-2', '2', '2', '[]');
INSERT INTO onsite_workflow.commits VALUES ('default', 'efd334a21b29093a8d347eb0a6ea1cd11edc785964d91b819193981ca51aff61', 'efd334a21b29093a8d347eb0a6ea1cd11edc785964d91b819193981ca51aff61', 'XN-2', '6', '6', E'[{"code": "staff_absent", "clause": "7.3", "kind": "arrival", "bearer": "\\u5b5d\\u5357\\u533a\\u6b8b\\u75be\\u4eba\\u8054\\u5408\\u4f1a", "due": "2026-03-03T09:01:00+08:00", "at": "2026-03-03T09:00:59.999999+08:00", "by_seconds": 0, "version": 6}]');
INSERT INTO onsite_workflow.commits VALUES ('default', E'编号 XN-2 ''é'' % _ \\ 𠮷', '1e8342c3010ccfc2b75c024fa3b05ccaea7506469e5762408ebad774ef9c1a66', 'XN-2', '1', '1', '[]');
INSERT INTO onsite_workflow.commits VALUES ('north', 'XN-1:apply', '470651425ec5df9647803858f6564e2a3611d77bf7b0073ac0cd328bef7905cf', 'XN-1', '1', '1', '[]');

INSERT INTO onsite_workflow.claims VALUES ('default', 'notice:孝南上门转〔2026〕XN-2-1号', 'XN-2');
INSERT INTO onsite_workflow.claims VALUES ('default', 'notice:孝南上门转〔2026〕XN-2-2号', 'XN-2');
INSERT INTO onsite_workflow.claims VALUES ('default', 'notice:孝南上门转〔2026〕XN-3-1号', 'XN-3');
INSERT INTO onsite_workflow.claims VALUES ('default', 'notice:孝南上门转〔2026〕XN-3-2号', 'XN-3');

INSERT INTO onsite_workflow.cases VALUES ('default', 'XN-2', '7', 'accepted', NULL, 'DB4209/T 32—2023', '孝南区残疾人联合会', '{孝南区残疾人联合会,孝南区医疗保障局}', '2026-03-01 15:59:59.999999+00', '2026-03-03 04:00:00+00', 'sha256:3687507e8cb3c84d3525f7c9f2a4ad99bc05f9d06c77d1b2cde6f883f5fe7b6a', '4ccb260e641f', '{}', '1', pg_current_xact_id());
INSERT INTO onsite_workflow.cases VALUES ('default', 'XN-3', '2', 'transferred', NULL, 'DB4209/T 32—2023', '孝南区残疾人联合会', '{孝南区残疾人联合会,孝南区医疗保障局}', '2026-03-02 01:00:00+00', '2026-03-02 02:00:00+00', 'sha256:d88de8c3980793d4ede03facdb196972ab827eeb46b80cbca73496a97edb1370', '4ccb260e641f', '{}', '1', pg_current_xact_id());
INSERT INTO onsite_workflow.cases VALUES ('north', 'XN-1', '1', 'applied', NULL, 'DB4209/T 32—2023', NULL, '{}', '2026-03-02 01:00:00+00', '2026-03-02 01:00:00+00', 'sha256:6f2bad28eb47bfb8df08d3d973b5b643d29d6afb4ddb94fd915f12a6b4a665ab', '4ccb260e641f', '{}', '1', pg_current_xact_id());

INSERT INTO onsite_workflow.case_marks VALUES ('default', 'XN-2', 'unit:孝南区医疗保障局');
INSERT INTO onsite_workflow.case_marks VALUES ('default', 'XN-2', 'unit:孝南区残疾人联合会');
INSERT INTO onsite_workflow.case_marks VALUES ('default', 'XN-3', 'unit:孝南区医疗保障局');
INSERT INTO onsite_workflow.case_marks VALUES ('default', 'XN-3', 'unit:孝南区残疾人联合会');

INSERT INTO onsite_workflow.obligations VALUES ('default', 'XN-2', 'appointment', '', '7.2.1', '孝南区残疾人联合会', '2026-03-03 01:00:59.999999+00', NULL, 'infinity', 'open', 'false', NULL, NULL, NULL, NULL, NULL);
INSERT INTO onsite_workflow.obligations VALUES ('default', 'XN-3', 'reply', '=孝南区残疾人联合会', '7.2', '孝南区残疾人联合会', '2026-03-02 02:00:00+00', '2026-03-03', '2026-03-03 16:00:00+00', 'open', 'false', '2026-03-03', '2026-03-03', NULL, NULL, NULL);
INSERT INTO onsite_workflow.obligations VALUES ('default', 'XN-3', 'reply', '=孝南区医疗保障局', '7.2', '孝南区医疗保障局', '2026-03-02 02:00:00+00', '2026-03-03', '2026-03-03 16:00:00+00', 'open', 'false', '2026-03-03', '2026-03-03', NULL, 'worker 1', '2026-03-03 05:00:00+00');
INSERT INTO onsite_workflow.obligations VALUES ('north', 'XN-1', 'transfer', '', '7.2', 'integrated_window', '2026-03-02 01:00:00+00', NULL, 'infinity', 'open', 'false', NULL, NULL, NULL, NULL, NULL);

INSERT INTO onsite_workflow.positions VALUES ('default', 's', '1-755-3-3');
SELECT setval('onsite_workflow.feed_number', 10);
