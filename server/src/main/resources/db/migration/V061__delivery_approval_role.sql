-- The role under which somebody decided: rules that ask for another one do not count the decision.
ALTER TABLE approval ADD COLUMN role text NOT NULL DEFAULT 'approver';
