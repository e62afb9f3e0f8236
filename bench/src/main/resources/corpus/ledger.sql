-- Double-entry bookkeeping: accounts in a tree, transactions, postings, budgets, bank statements.
CREATE SCHEMA ledger;
SET search_path = ledger;

CREATE TYPE account_kind AS ENUM ('asset', 'liability', 'equity', 'income', 'expense');
CREATE DOMAIN amount AS numeric(18,2);

CREATE TABLE account (
  code   text PRIMARY KEY,
  name   text NOT NULL,
  kind   account_kind NOT NULL,
  parent text REFERENCES account,
  currency char(3) NOT NULL DEFAULT 'EUR'
);

CREATE TABLE period (
  id     integer PRIMARY KEY,
  days   daterange NOT NULL,
  closed boolean NOT NULL DEFAULT false
);

CREATE TABLE entry (
  id       bigint PRIMARY KEY,
  on_day   date NOT NULL,
  memo     text NOT NULL,
  reverses bigint REFERENCES entry,
  booked_by text NOT NULL
);

CREATE TABLE posting (
  entry   bigint NOT NULL REFERENCES entry,
  line    integer NOT NULL,
  account text NOT NULL REFERENCES account,
  amount  amount NOT NULL,
  cost_centre text,
  PRIMARY KEY (entry, line)
);

CREATE TABLE budget (
  account text NOT NULL REFERENCES account,
  year    integer NOT NULL,
  month   integer NOT NULL,
  amount  amount NOT NULL,
  PRIMARY KEY (account, year, month)
);

CREATE TABLE bank_line (
  id      bigint PRIMARY KEY,
  account text NOT NULL REFERENCES account,
  on_day  date NOT NULL,
  amount  amount NOT NULL,
  text    text NOT NULL
);

CREATE TABLE reconciled (
  bank_line bigint PRIMARY KEY REFERENCES bank_line,
  entry     bigint NOT NULL,
  line      integer NOT NULL,
  FOREIGN KEY (entry, line) REFERENCES posting
);

CREATE TABLE asset (
  id       integer PRIMARY KEY,
  name     text NOT NULL,
  account  text NOT NULL REFERENCES account,
  bought   date NOT NULL,
  cost     amount NOT NULL,
  years    integer NOT NULL
);

CREATE TABLE price (
  currency char(3) NOT NULL,
  on_day   date NOT NULL,
  rate     numeric(14,6) NOT NULL,
  PRIMARY KEY (currency, on_day)
);

CREATE INDEX ON posting (account);
CREATE INDEX ON entry (on_day);
CREATE INDEX ON bank_line (account, on_day);
CREATE INDEX ON reconciled (entry, line);

-- What is the balance of each account?
CREATE VIEW balance AS
SELECT a.code, a.name, a.kind, coalesce(sum(p.amount), 0) AS balance
FROM account a LEFT JOIN posting p ON p.account = a.code
GROUP BY a.code;

-- Do debits and credits agree: which entries do not sum to zero?
CREATE VIEW unbalanced_entry AS
SELECT entry, sum(amount) AS difference
FROM posting
GROUP BY entry
HAVING sum(amount) <> 0;

-- What is the trial balance, with the totals at its foot?
CREATE VIEW trial_balance AS
SELECT coalesce(account, 'total') AS account,
       sum(amount) FILTER (WHERE amount > 0) AS debit,
       -sum(amount) FILTER (WHERE amount < 0) AS credit
FROM posting
GROUP BY ROLLUP (account);

-- What is the running balance of each account, posting by posting?
CREATE VIEW account_statement AS
SELECT p.account, e.on_day, e.id, p.line, e.memo, p.amount,
       sum(p.amount) OVER (PARTITION BY p.account ORDER BY e.on_day, e.id, p.line) AS balance
FROM posting p JOIN entry e ON e.id = p.entry;

-- What is the balance of each heading, everything below included?
CREATE VIEW rolled_up_balance AS
WITH RECURSIVE below (heading, code) AS (
  SELECT code, code FROM account
  UNION ALL
  SELECT b.heading, a.code FROM below b JOIN account a ON a.parent = b.code)
SELECT b.heading, sum(p.amount) AS balance
FROM below b JOIN posting p ON p.account = b.code
GROUP BY b.heading;

-- What did we earn and spend in each month?
CREATE VIEW income_statement AS
SELECT date_trunc('month', e.on_day)::date AS month,
       -sum(p.amount) FILTER (WHERE a.kind = 'income') AS income,
       sum(p.amount) FILTER (WHERE a.kind = 'expense') AS expense,
       -sum(p.amount) FILTER (WHERE a.kind IN ('income', 'expense')) AS profit
FROM posting p
JOIN entry e ON e.id = p.entry
JOIN account a ON a.code = p.account
GROUP BY 1;

-- What does the balance sheet show, sides against each other?
CREATE VIEW balance_sheet AS
SELECT CASE WHEN a.kind = 'asset' THEN 'assets' ELSE 'liabilities and equity' END AS side,
       a.kind, sum(p.amount) AS amount
FROM posting p JOIN account a ON a.code = p.account
WHERE a.kind IN ('asset', 'liability', 'equity')
GROUP BY GROUPING SETS ((1, a.kind), (1));

-- How do actual figures compare with the budget, where there is either?
CREATE VIEW budget_comparison AS
SELECT account, year, month, coalesce(b.amount, 0) AS planned, coalesce(x.amount, 0) AS actual,
       coalesce(x.amount, 0) - coalesce(b.amount, 0) AS difference
FROM budget b
FULL JOIN (
  SELECT p.account, extract(year FROM e.on_day)::int AS year, extract(month FROM e.on_day)::int AS month,
         sum(p.amount) AS amount
  FROM posting p JOIN entry e ON e.id = p.entry
  GROUP BY 1, 2, 3) x USING (account, year, month);

-- Which accounts are over their budget for the year to date?
CREATE VIEW over_budget AS
SELECT account, year, sum(actual) AS actual, sum(planned) AS planned
FROM budget_comparison
GROUP BY account, year
HAVING sum(actual) > sum(planned) AND sum(planned) > 0;

-- Which lines of the bank have no posting yet?
CREATE VIEW unreconciled AS
SELECT b.id, b.account, b.on_day, b.amount, b.text
FROM bank_line b LEFT JOIN reconciled r ON r.bank_line = b.id
WHERE r.bank_line IS NULL;

-- Which postings could match an open line of the bank: same amount within five days?
CREATE VIEW match_candidate AS
SELECT u.id AS bank_line, p.entry, p.line, abs(e.on_day - u.on_day) AS days_apart,
       row_number() OVER (PARTITION BY u.id ORDER BY abs(e.on_day - u.on_day), p.entry) AS rank
FROM unreconciled u
JOIN posting p ON p.account = u.account AND p.amount = u.amount
JOIN entry e ON e.id = p.entry AND e.on_day BETWEEN u.on_day - 5 AND u.on_day + 5
WHERE NOT EXISTS (SELECT FROM reconciled r WHERE r.entry = p.entry AND r.line = p.line);

-- Which entries were reversed, and which reverse?
CREATE VIEW reversal AS
SELECT e.id, e.memo, r.id AS reversed_by, r.on_day - e.on_day AS days
FROM entry e JOIN entry r ON r.reverses = e.id;

-- Which entries lie in a closed period but were booked by somebody else than the accountant?
CREATE VIEW late_booking AS
SELECT e.id, e.on_day, e.booked_by
FROM entry e JOIN period p ON p.days @> e.on_day
WHERE p.closed AND e.booked_by NOT IN ('accountant', 'auditor');

-- What does each asset lose in each year of its life?
CREATE VIEW depreciation AS
SELECT a.id, a.name, extract(year FROM a.bought)::int + y.n AS year,
       round(a.cost / a.years, 2) AS loss,
       a.cost - round(a.cost / a.years, 2) * (y.n + 1) AS book_value
FROM asset a CROSS JOIN LATERAL generate_series(0, a.years - 1) AS y (n);

-- What does each cost centre spend, as columns by quarter?
CREATE VIEW cost_centre_quarter AS
SELECT p.cost_centre,
       sum(CASE WHEN extract(quarter FROM e.on_day) = 1 THEN p.amount END) AS q1,
       sum(CASE WHEN extract(quarter FROM e.on_day) = 2 THEN p.amount END) AS q2,
       sum(CASE WHEN extract(quarter FROM e.on_day) = 3 THEN p.amount END) AS q3,
       sum(CASE WHEN extract(quarter FROM e.on_day) = 4 THEN p.amount END) AS q4
FROM posting p
JOIN entry e ON e.id = p.entry
JOIN account a ON a.code = p.account
WHERE a.kind = 'expense' AND p.cost_centre IS NOT NULL
GROUP BY p.cost_centre;

-- Which amounts begin with which digit, to be held against Benford's law?
CREATE VIEW first_digit AS
SELECT left(abs(amount)::text, 1)::int AS digit, count(*) AS postings,
       round(count(*) / sum(count(*)) OVER (), 4) AS share
FROM posting
WHERE abs(amount) >= 1
GROUP BY 1;

-- Which postings were probably entered twice?
CREATE VIEW duplicate_posting AS
SELECT a.entry, b.entry AS other, a.account, a.amount
FROM posting a
JOIN posting b ON b.account = a.account AND b.amount = a.amount AND b.entry > a.entry
JOIN entry x ON x.id = a.entry
JOIN entry y ON y.id = b.entry AND y.on_day = x.on_day AND y.memo = x.memo;

-- Which accounts have never been used?
CREATE VIEW unused_account AS
SELECT code, name
FROM account
WHERE code NOT IN (SELECT account FROM posting) AND code NOT IN (SELECT parent FROM account WHERE parent IS NOT NULL);

-- What are foreign balances worth in our currency, at the newest rate?
CREATE VIEW valued_balance AS
SELECT b.code, a.currency, b.balance,
       round(b.balance * (SELECT p.rate FROM price p WHERE p.currency = a.currency
                          ORDER BY p.on_day DESC LIMIT 1), 2) AS in_euro
FROM balance b JOIN account a ON a.code = b.code
WHERE a.currency <> 'EUR';

-- Which entries touch both cash and an expense without tax?
CREATE VIEW cash_expense_without_tax AS
SELECT entry FROM posting WHERE account LIKE '10%'
INTERSECT
SELECT entry FROM posting WHERE account LIKE '6%'
EXCEPT
SELECT entry FROM posting WHERE account LIKE '15%';

-- How many entries did who book a day, and where was the maximum?
CREATE VIEW busiest_day AS
SELECT booked_by, on_day, entries
FROM (
  SELECT booked_by, on_day, count(*) AS entries,
         max(count(*)) OVER (PARTITION BY booked_by) AS most
  FROM entry GROUP BY booked_by, on_day) d
WHERE entries = most;
