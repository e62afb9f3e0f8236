-- A subscription business: accounts, plans, subscriptions, usage, invoices and their payment.
CREATE SCHEMA billing;
SET search_path = billing;

CREATE TYPE interval_unit AS ENUM ('month', 'year');

CREATE TABLE account (
  id         uuid PRIMARY KEY,
  name       text NOT NULL,
  country    char(2) NOT NULL,
  parent     uuid REFERENCES account,
  created_on date NOT NULL,
  closed_on  date
);

CREATE TABLE plan (
  code        text PRIMARY KEY,
  name        text NOT NULL,
  unit        interval_unit NOT NULL,
  price       numeric(10,2) NOT NULL,
  seats       integer,
  features    jsonb NOT NULL DEFAULT '[]'
);

CREATE TABLE subscription (
  id         bigint PRIMARY KEY,
  account    uuid NOT NULL REFERENCES account,
  plan       text NOT NULL REFERENCES plan,
  seats      integer NOT NULL,
  during     daterange NOT NULL,
  discount   numeric(4,3) NOT NULL DEFAULT 0
);

CREATE TABLE plan_change (
  subscription bigint NOT NULL REFERENCES subscription,
  at           timestamptz NOT NULL,
  old_plan     text REFERENCES plan,
  new_plan     text REFERENCES plan,
  PRIMARY KEY (subscription, at)
);

CREATE TABLE usage_event (
  id           bigint PRIMARY KEY,
  subscription bigint NOT NULL REFERENCES subscription,
  meter        text NOT NULL,
  quantity     numeric NOT NULL,
  at           timestamptz NOT NULL
);

CREATE TABLE rate (
  meter     text NOT NULL,
  from_unit numeric NOT NULL,
  to_unit   numeric,
  price     numeric(10,5) NOT NULL,
  PRIMARY KEY (meter, from_unit)
);

CREATE TABLE invoice (
  id        bigint PRIMARY KEY,
  account   uuid NOT NULL REFERENCES account,
  number    text NOT NULL UNIQUE,
  issued_on date NOT NULL,
  due_on    date NOT NULL,
  currency  char(3) NOT NULL,
  voided    boolean NOT NULL DEFAULT false
);

CREATE TABLE invoice_item (
  invoice     bigint NOT NULL REFERENCES invoice,
  position    integer NOT NULL,
  description text NOT NULL,
  amount      numeric(12,2) NOT NULL,
  tax_rate    numeric(4,3) NOT NULL,
  PRIMARY KEY (invoice, position)
);

CREATE TABLE receipt (
  id      bigint PRIMARY KEY,
  invoice bigint NOT NULL REFERENCES invoice,
  on_day  date NOT NULL,
  amount  numeric(12,2) NOT NULL
);

CREATE TABLE fx_rate (
  currency char(3) NOT NULL,
  on_day   date NOT NULL,
  to_eur   numeric(12,6) NOT NULL,
  PRIMARY KEY (currency, on_day)
);

CREATE INDEX ON subscription (account);
CREATE INDEX ON usage_event (subscription, meter);
CREATE INDEX ON invoice (account);
CREATE INDEX ON receipt (invoice);

-- What does each subscription bring a month, yearly plans spread over twelve?
CREATE VIEW subscription_mrr AS
SELECT s.id, s.account, s.plan, s.during,
       s.seats * p.price * (1 - s.discount) / CASE p.unit WHEN 'year' THEN 12 ELSE 1 END AS mrr
FROM subscription s JOIN plan p ON p.code = s.plan;

-- What is the recurring revenue of each plan from subscriptions without an end?
CREATE VIEW mrr_by_plan AS
SELECT plan, count(*) AS subscriptions, sum(mrr) AS mrr
FROM subscription_mrr
WHERE upper_inf(during)
GROUP BY plan;

-- What was the recurring revenue in each month of the last years?
CREATE VIEW mrr_history AS
SELECT m.month::date AS month, coalesce(sum(s.mrr), 0) AS mrr, count(s.id) AS subscriptions
FROM generate_series(timestamp '2023-01-01', timestamp '2026-12-01', interval '1 month') AS m (month)
LEFT JOIN subscription_mrr s ON s.during @> m.month::date
GROUP BY m.month;

-- How many accounts joined and left in each month, and how many were there after it?
CREATE VIEW account_movement AS
WITH movement AS (
  SELECT date_trunc('month', created_on)::date AS month, 1 AS joined, 0 AS gone FROM account
  UNION ALL
  SELECT date_trunc('month', closed_on)::date, 0, 1 FROM account WHERE closed_on IS NOT NULL)
SELECT month, sum(joined) AS joined, sum(gone) AS gone,
       sum(sum(joined) - sum(gone)) OVER (ORDER BY month) AS accounts
FROM movement
GROUP BY month;

-- What is the total of each invoice, net, tax and gross?
CREATE VIEW invoice_total AS
SELECT i.id, i.account, i.number, i.currency, i.issued_on, i.due_on,
       sum(t.amount) AS net,
       sum(round(t.amount * t.tax_rate, 2)) AS tax,
       sum(t.amount + round(t.amount * t.tax_rate, 2)) AS gross
FROM invoice i JOIN invoice_item t ON t.invoice = i.id
WHERE NOT i.voided
GROUP BY i.id;

-- What is still owed on each invoice?
CREATE VIEW open_invoice AS
SELECT t.id, t.account, t.number, t.due_on, t.gross - coalesce(r.paid, 0) AS open
FROM invoice_total t
LEFT JOIN (SELECT invoice, sum(amount) AS paid FROM receipt GROUP BY invoice) r
  ON r.invoice = t.id
WHERE t.gross > coalesce(r.paid, 0);

-- How old are the debts of each account, in the usual buckets?
CREATE VIEW receivables_ageing AS
SELECT account,
       sum(open) FILTER (WHERE due_on >= current_date) AS not_due,
       sum(open) FILTER (WHERE due_on < current_date AND due_on >= current_date - 30) AS days_30,
       sum(open) FILTER (WHERE due_on < current_date - 30 AND due_on >= current_date - 90) AS days_90,
       sum(open) FILTER (WHERE due_on < current_date - 90) AS older
FROM open_invoice
GROUP BY account;

-- How many days do accounts take to pay, on average and in the worst tenth?
CREATE VIEW days_to_pay AS
SELECT i.account,
       avg(r.on_day - i.issued_on) AS average_days,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY r.on_day - i.issued_on) AS p90_days
FROM invoice i JOIN receipt r ON r.invoice = i.id
GROUP BY i.account;

-- What did each subscription use of each meter in each month?
CREATE VIEW monthly_usage AS
SELECT subscription, meter, date_trunc('month', at AT TIME ZONE 'UTC')::date AS month,
       sum(quantity) AS quantity, count(*) AS events
FROM usage_event
GROUP BY 1, 2, 3;

-- What does that usage cost by graduated rates?
CREATE VIEW usage_charge AS
SELECT u.subscription, u.meter, u.month,
       sum((least(u.quantity, coalesce(r.to_unit, u.quantity)) - r.from_unit) * r.price) AS charge
FROM monthly_usage u
JOIN rate r ON r.meter = u.meter AND u.quantity > r.from_unit
GROUP BY u.subscription, u.meter, u.month;

-- Which subscriptions use a meter much more than the month before?
CREATE VIEW usage_spike AS
SELECT subscription, meter, month, quantity, before
FROM (
  SELECT subscription, meter, month, quantity,
         lag(quantity) OVER (PARTITION BY subscription, meter ORDER BY month) AS before
  FROM monthly_usage) m
WHERE quantity > 2 * before;

-- Which subscriptions have not used anything?
CREATE VIEW idle_subscription AS
SELECT s.id, s.account, s.plan
FROM subscription s
WHERE s.id NOT IN (SELECT subscription FROM usage_event);

-- Which accounts have subscriptions that overlap on the same plan, probably by mistake?
CREATE VIEW overlapping_subscription AS
SELECT a.account, a.plan, a.id AS first, b.id AS second, a.during * b.during AS both
FROM subscription a
JOIN subscription b ON b.account = a.account AND b.plan = a.plan AND b.id > a.id
  AND a.during && b.during;

-- What is invoiced in euros, at the rate of the day of issue?
CREATE VIEW invoice_in_euro AS
SELECT t.id, t.number, t.currency, t.gross, round(t.gross * f.to_eur, 2) AS gross_eur
FROM invoice_total t
CROSS JOIN LATERAL (
  SELECT to_eur FROM fx_rate
  WHERE currency = t.currency AND on_day <= t.issued_on
  ORDER BY on_day DESC LIMIT 1) f;

-- Which turnover did we make by country and month, with subtotals?
CREATE VIEW turnover_cube AS
SELECT a.country, date_trunc('month', t.issued_on)::date AS month,
       grouping(a.country) AS all_countries, sum(t.net) AS net
FROM invoice_total t JOIN account a ON a.id = t.account
GROUP BY ROLLUP (a.country, date_trunc('month', t.issued_on)::date);

-- Which accounts pay for their whole corporate tree, and how much?
CREATE VIEW group_revenue AS
WITH RECURSIVE tree AS (
  SELECT id AS root, id FROM account WHERE parent IS NULL
  UNION ALL
  SELECT t.root, a.id FROM tree t JOIN account a ON a.parent = t.id)
SELECT t.root, count(DISTINCT t.id) AS accounts, sum(i.net) AS net
FROM tree t LEFT JOIN invoice_total i ON i.account = t.id
GROUP BY t.root;

-- How many upgrades and downgrades were there between plans?
CREATE VIEW plan_moves AS
SELECT c.old_plan, c.new_plan, count(*) AS moves,
       sum(CASE WHEN n.price > o.price THEN 1 ELSE 0 END) AS upgrades
FROM plan_change c
JOIN plan o ON o.code = c.old_plan
JOIN plan n ON n.code = c.new_plan
GROUP BY c.old_plan, c.new_plan;

-- On which plan is each subscription according to its latest change?
CREATE VIEW current_plan AS
SELECT DISTINCT ON (subscription) subscription, new_plan AS plan, at AS since
FROM plan_change
ORDER BY subscription, at DESC;

-- Which features does each plan include, for the price page?
CREATE VIEW plan_feature AS
SELECT p.code, p.name, f.position, f.feature ->> 'name' AS feature,
       (f.feature ->> 'limit')::integer AS maximum
FROM plan p
CROSS JOIN LATERAL jsonb_array_elements(p.features) WITH ORDINALITY AS f (feature, position);

-- Which subscriptions have more seats than their plan allows?
CREATE VIEW seats_exceeded AS
SELECT s.id, s.account, s.seats, p.seats AS allowed
FROM subscription s JOIN plan p ON p.code = s.plan
WHERE s.seats > p.seats;

-- Which invoice numbers are missing from the sequence?
CREATE VIEW missing_number AS
SELECT n
FROM generate_series(1, (SELECT max(substring(number FROM '[0-9]+$')::int) FROM invoice)) AS n
EXCEPT
SELECT substring(number FROM '[0-9]+$')::int FROM invoice;

-- Which subscriptions end within thirty days and have no successor?
CREATE VIEW renewal_due AS
SELECT s.id, s.account, upper(s.during) AS ends_on
FROM subscription s
WHERE upper(s.during) BETWEEN current_date AND current_date + 30
  AND NOT EXISTS (
    SELECT FROM subscription n
    WHERE n.account = s.account AND lower(n.during) >= upper(s.during));

-- What is the average lifetime of closed accounts by country, where there are enough of them?
CREATE VIEW lifetime AS
SELECT country, count(*) AS accounts, avg(closed_on - created_on) AS days,
       stddev_samp(closed_on - created_on) AS deviation
FROM account
WHERE closed_on IS NOT NULL
GROUP BY country
HAVING count(*) >= 10;

-- What part of all revenue do the largest accounts make, cumulatively?
CREATE VIEW revenue_concentration AS
SELECT account, net, rank() OVER (ORDER BY net DESC) AS place,
       sum(net) OVER (ORDER BY net DESC, account) / nullif(sum(net) OVER (), 0) AS cumulative_share
FROM (SELECT account, sum(net) AS net FROM invoice_total GROUP BY account) t;
