-- The country of a visitor, where the proxy in front tells it: a hint for whoever looks for
-- the affiliate of a payment, and never a proof.

ALTER TABLE clicks ADD COLUMN country TEXT;
