-- What the store calls. init_schema makes them anew with each version of the schema.

-- Puts these lists in the place of what is listed of a record. The caller has locked its line.
-- A lease goes on where its obligation is still open with the same opened_at and due.
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
        procedure = excluded.procedure,
        opened_by = excluded.opened_by,
        worker = CASE WHEN (o.opened_at, o.due) = (excluded.opened_at, excluded.due)
            THEN o.worker END,
        leased_until = CASE WHEN (o.opened_at, o.due) = (excluded.opened_at, excluded.due)
            THEN o.leased_until END
    WHERE (o.clause, o.bearer, o.opened_at, o.due_day, o.due, o.status, o.provisional,
            o.earliest, o.latest, o.met_at, o.procedure, o.opened_by)
        IS DISTINCT FROM (excluded.clause, excluded.bearer, excluded.opened_at, excluded.due_day,
            excluded.due, excluded.status, excluded.provisional, excluded.earliest,
            excluded.latest, excluded.met_at, excluded.procedure, excluded.opened_by);
END $$;

-- Stores a whole commit, or nothing. Returns true where it is stored, and false where the record is at
-- another version or the store is not as it should be. A unique violation says that the command's id
-- is used or that another record holds a key. The caller then asks why.
--
-- It is a function, because the server keeps the plans of its statements in each session, whoever
-- calls it and through whatever pooler. Each statement sees what was committed before it began. So
-- all statements after the first know that nobody else is writing to the record.
CREATE FUNCTION onsite_workflow.append(
    a_centre text, a_case text, a_expected integer, a_version integer,
    a_command_id text, a_content text, a_answer text, a_records text[], a_keys text[],
    a_state text, a_result text, a_edition text, a_lead text, a_units text[],
    a_opened_at timestamptz, a_recorded_at timestamptz, a_head text, a_calendar_revision text,
    a_applicant_keys text[], a_procedure text, a_marks text[],
    a_obligations onsite_workflow.obligations[]
) RETURNS boolean
LANGUAGE plpgsql
SET lock_timeout = '30s' AS $$
DECLARE
    v_generation integer;
    v_placed xid8 := pg_current_xact_id();
    v_number bigint;
BEGIN
    -- Where events lie above every transaction that there has been, the database was restored into
    -- another cluster: the next events would come before them.
    SELECT generation INTO v_generation FROM onsite_workflow.store
    WHERE schema_version = 2 AND NOT EXISTS (
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
            v_generation, v_placed, a_procedure)
        ON CONFLICT DO NOTHING;
    ELSE
        -- A transaction of several appends may have got its number before the one that wrote the
        -- record's last event. This event then takes that one's place, and no lower one.
        UPDATE onsite_workflow.cases
        SET version = a_version, state = a_state, result = a_result, edition = a_edition,
            lead = a_lead, units = a_units, opened_at = a_opened_at, recorded_at = a_recorded_at,
            head = a_head, calendar_revision = a_calendar_revision,
            applicant_keys = a_applicant_keys, procedure = a_procedure, generation = v_generation,
            placed = CASE WHEN generation = v_generation
                THEN greatest(placed, v_placed) ELSE v_placed END
        WHERE centre = a_centre AND case_id = a_case AND version = a_expected
        RETURNING placed INTO v_placed;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    -- The record is locked by now, so that its numbers grow with its versions.
    v_number := nextval('onsite_workflow.feed_number');
    INSERT INTO onsite_workflow.commits
    VALUES (a_centre, a_command_id, a_content, a_case, a_expected + 1, a_version, a_answer);
    INSERT INTO onsite_workflow.events
    SELECT a_centre, a_case, a_expected + n, v_generation, v_placed, v_number, record
    FROM unnest(a_records) WITH ORDINALITY AS records (record, n);
    IF a_keys <> '{}' THEN
        -- In one order, so that two who claim the same keys can't wait for each other for ever.
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

-- Puts other lists in place, where the record is still at that version. Returns whether it was.
CREATE FUNCTION onsite_workflow.reindex(
    a_centre text, a_case text, a_version integer, a_state text, a_result text, a_edition text,
    a_lead text, a_units text[], a_opened_at timestamptz, a_recorded_at timestamptz, a_head text,
    a_calendar_revision text, a_applicant_keys text[], a_procedure text, a_marks text[],
    a_obligations onsite_workflow.obligations[]
) RETURNS boolean
LANGUAGE plpgsql
SET lock_timeout = '30s' AS $$
BEGIN
    UPDATE onsite_workflow.cases
    SET state = a_state, result = a_result, edition = a_edition, lead = a_lead, units = a_units,
        opened_at = a_opened_at, recorded_at = a_recorded_at, head = a_head,
        calendar_revision = a_calendar_revision, applicant_keys = a_applicant_keys,
        procedure = a_procedure
    WHERE centre = a_centre AND case_id = a_case AND version = a_version;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM onsite_workflow.list_case(a_centre, a_case, a_marks, a_obligations);
    RETURN true;
END $$;
