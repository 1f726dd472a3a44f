-- From version 1 of the schema, in which there were cases alone. functions.sql is run after it.

ALTER TABLE onsite_workflow.cases
    ADD COLUMN procedure text COLLATE "C" NOT NULL DEFAULT 'case';
ALTER TABLE onsite_workflow.obligations
    ADD COLUMN procedure text COLLATE "C" NOT NULL DEFAULT 'case',
    ADD COLUMN opened_by integer;
CREATE INDEX cases_by_procedure ON onsite_workflow.cases (centre, procedure, case_id);
CREATE INDEX obligations_by_procedure ON onsite_workflow.obligations
    (centre, procedure, due, case_id, kind, subject) WHERE procedure <> 'case';

DROP FUNCTION onsite_workflow.append;
DROP FUNCTION onsite_workflow.reindex;
DROP FUNCTION onsite_workflow.list_case;

UPDATE onsite_workflow.store SET schema_version = 2;
