-- Jobs that wait for somebody outside are claimed apart from the others. Told apart by a
-- column, both claims read only what they take: in a backlog of events, looking through
-- all of it for the few that go outside held up every commit.

ALTER TABLE jobs ADD COLUMN outside BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE jobs SET outside = TRUE WHERE kind IN ('mail', 'deauthorize', 'repair', 'reconcile', 'check');

DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (outside, run_at, id) WHERE status = 'waiting';
