-- How many tests of a batch failed: where very many did, the job was broken and no test is flaky.
ALTER TABLE test_batch ADD COLUMN failed int NOT NULL DEFAULT 0;
