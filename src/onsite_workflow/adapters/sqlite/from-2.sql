-- From the second version's tables, in which there were cases alone.
ALTER TABLE cases ADD COLUMN procedure TEXT NOT NULL DEFAULT 'case';
ALTER TABLE obligations ADD COLUMN procedure TEXT NOT NULL DEFAULT 'case';
ALTER TABLE obligations ADD COLUMN opened_by INTEGER;
-- Most obligations are of cases, and those are looked for by due time.
CREATE INDEX cases_by_procedure ON cases (centre, procedure, case_id);
CREATE INDEX obligations_by_procedure
    ON obligations (centre, procedure, due, case_id, kind, subject) WHERE procedure <> 'case';
