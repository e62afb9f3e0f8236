-- Customer relations: companies, contacts, leads, deals in a pipeline, and what was done for them.
CREATE SCHEMA crm;
SET search_path = crm;

CREATE TYPE stage AS ENUM ('lead', 'qualified', 'proposal', 'negotiation', 'won', 'lost');

CREATE TABLE team (
  id   integer PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE agent (
  id      integer PRIMARY KEY,
  name    text NOT NULL,
  team    integer REFERENCES team,
  manager integer REFERENCES agent,
  quota   numeric(12,2)
);

CREATE TABLE company (
  id        bigint PRIMARY KEY,
  name      text NOT NULL,
  industry  text,
  employees integer,
  domain    text,
  owner     integer REFERENCES agent
);

CREATE TABLE contact (
  id      bigint PRIMARY KEY,
  company bigint REFERENCES company,
  name    text NOT NULL,
  email   text,
  phone   text,
  opt_out boolean NOT NULL DEFAULT false,
  profile jsonb
);

CREATE TABLE deal (
  id          bigint PRIMARY KEY,
  company     bigint NOT NULL REFERENCES company,
  owner       integer NOT NULL REFERENCES agent,
  title       text NOT NULL,
  stage       stage NOT NULL,
  amount      numeric(12,2) NOT NULL,
  probability numeric(3,2) NOT NULL,
  created_on  date NOT NULL,
  close_on    date,
  lost_reason text
);

CREATE TABLE stage_change (
  deal bigint NOT NULL REFERENCES deal,
  at   timestamptz NOT NULL,
  stage stage NOT NULL,
  PRIMARY KEY (deal, at)
);

CREATE TABLE activity (
  id      bigint PRIMARY KEY,
  agent   integer NOT NULL REFERENCES agent,
  contact bigint REFERENCES contact,
  deal    bigint REFERENCES deal,
  kind    text NOT NULL,
  at      timestamptz NOT NULL,
  minutes integer,
  note    text
);

CREATE TABLE campaign (
  id        integer PRIMARY KEY,
  name      text NOT NULL,
  cost      numeric(12,2) NOT NULL,
  starts_on date NOT NULL
);

CREATE TABLE campaign_member (
  campaign integer NOT NULL REFERENCES campaign,
  contact  bigint NOT NULL REFERENCES contact,
  opened   boolean NOT NULL DEFAULT false,
  clicked  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (campaign, contact)
);

CREATE INDEX ON contact (company);
CREATE INDEX ON deal (company);
CREATE INDEX ON deal (owner);
CREATE INDEX ON activity (deal);
CREATE INDEX ON activity (contact);
CREATE INDEX ON campaign_member (contact);

-- What lies in each stage of the pipeline, plain and weighted?
CREATE VIEW pipeline AS
SELECT stage, count(*) AS deals, sum(amount) AS amount, sum(amount * probability) AS weighted
FROM deal
WHERE stage NOT IN ('won', 'lost')
GROUP BY stage;

-- How far is each agent from this year's quota?
CREATE VIEW quota_attainment AS
SELECT a.id, a.name, a.quota, coalesce(sum(d.amount), 0) AS won,
       round(100 * coalesce(sum(d.amount), 0) / nullif(a.quota, 0)) AS percent
FROM agent a
LEFT JOIN deal d ON d.owner = a.id AND d.stage = 'won'
  AND d.close_on >= date '2026-01-01' AND d.close_on < date '2027-01-01'
GROUP BY a.id, a.name, a.quota;

-- What share of its closed deals does each team win?
CREATE VIEW win_rate AS
SELECT t.name AS team,
       count(*) FILTER (WHERE d.stage = 'won') AS won,
       count(*) FILTER (WHERE d.stage = 'lost') AS lost,
       avg(CASE d.stage WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 END) AS rate
FROM team t
JOIN agent a ON a.team = t.id
JOIN deal d ON d.owner = a.id
GROUP BY t.id, t.name;

-- Which open deals have had no activity at all?
CREATE VIEW untouched_deal AS
SELECT d.id, d.title, d.amount, a.name AS owner
FROM deal d
JOIN agent a ON a.id = d.owner
LEFT JOIN activity x ON x.deal = d.id
WHERE d.stage NOT IN ('won', 'lost') AND x.id IS NULL;

-- When was each deal last worked on, and how?
CREATE VIEW last_activity AS
SELECT d.id, d.title, l.at, l.kind, l.agent
FROM deal d
LEFT JOIN LATERAL (
  SELECT at, kind, agent FROM activity WHERE deal = d.id ORDER BY at DESC, id DESC LIMIT 1) l ON true;

-- How long did deals stay in each stage?
CREATE VIEW stage_duration AS
SELECT stage, avg(left_at - at) AS average, max(left_at - at) AS longest
FROM (
  SELECT deal, stage, at, lead(at) OVER (PARTITION BY deal ORDER BY at) AS left_at
  FROM stage_change) s
WHERE left_at IS NOT NULL
GROUP BY stage;

-- Who reports to whom, with the chain up to the top?
CREATE VIEW reporting_line AS
WITH RECURSIVE line AS (
  SELECT id, name, manager, ARRAY[name] AS chain FROM agent WHERE manager IS NULL
  UNION ALL
  SELECT a.id, a.name, a.manager, a.name || line.chain
  FROM agent a JOIN line ON a.manager = line.id)
SELECT id, name, array_to_string(chain, ' < ') AS chain, cardinality(chain) AS level FROM line;

-- Which companies share a mail domain and are probably the same?
CREATE VIEW duplicate_company AS
SELECT domain, count(*) AS companies, array_agg(id ORDER BY id) AS ids,
       string_agg(name, ', ' ORDER BY name) AS names
FROM company
WHERE domain IS NOT NULL
GROUP BY domain
HAVING count(*) > 1;

-- Whom may we write to: contacts with an address who did not opt out?
CREATE VIEW mailing_list AS
SELECT c.id, c.name, lower(c.email) AS email, coalesce(m.name, '(private)') AS company
FROM contact c LEFT JOIN company m ON m.id = c.company
WHERE c.email IS NOT NULL AND NOT c.opt_out;

-- How well did each campaign do?
CREATE VIEW campaign_result AS
SELECT c.id, c.name, count(m.contact) AS members,
       count(*) FILTER (WHERE m.opened) AS opened,
       count(*) FILTER (WHERE m.clicked) AS clicked,
       c.cost / nullif(count(*) FILTER (WHERE m.clicked), 0) AS cost_per_click
FROM campaign c LEFT JOIN campaign_member m ON m.campaign = c.id
GROUP BY c.id, c.name, c.cost;

-- Which campaigns touched the contacts of companies that we won later?
CREATE VIEW campaign_influence AS
SELECT DISTINCT k.id AS campaign, d.id AS deal, d.amount
FROM campaign k
JOIN campaign_member m ON m.campaign = k.id
JOIN contact c ON c.id = m.contact
JOIN deal d ON d.company = c.company
WHERE d.stage = 'won' AND d.close_on > k.starts_on;

-- Which contacts were in every campaign?
CREATE VIEW loyal_contact AS
SELECT c.id, c.name
FROM contact c
WHERE NOT EXISTS (
  SELECT FROM campaign k
  WHERE NOT EXISTS (
    SELECT FROM campaign_member m WHERE m.campaign = k.id AND m.contact = c.id));

-- Who are the three best sellers of each team this quarter?
CREATE VIEW team_podium AS
SELECT team, place, name, won
FROM (
  SELECT a.team, a.name, sum(d.amount) AS won,
         row_number() OVER (PARTITION BY a.team ORDER BY sum(d.amount) DESC, a.id) AS place
  FROM agent a JOIN deal d ON d.owner = a.id
  WHERE d.stage = 'won' AND d.close_on >= date '2026-10-01'
  GROUP BY a.team, a.name, a.id) t
WHERE place <= 3;

-- Why do we lose deals, the frequent reasons first?
CREATE VIEW loss_reason AS
SELECT coalesce(nullif(trim(lost_reason), ''), 'unknown') AS reason,
       count(*) AS deals, sum(amount) AS amount
FROM deal
WHERE stage = 'lost'
GROUP BY 1
ORDER BY deals DESC;

-- How many hours does each agent spend by kind of activity?
CREATE VIEW agent_time AS
SELECT a.name,
       sum(x.minutes) FILTER (WHERE x.kind = 'call') / 60.0 AS calls,
       sum(x.minutes) FILTER (WHERE x.kind = 'meeting') / 60.0 AS meetings,
       sum(x.minutes) FILTER (WHERE x.kind = 'mail') / 60.0 AS mails,
       bool_or(x.minutes IS NULL) AS incomplete
FROM agent a LEFT JOIN activity x ON x.agent = a.id
GROUP BY a.id, a.name;

-- Which deals are larger than all others of their owner?
CREATE VIEW flagship_deal AS
SELECT d.id, d.title, d.amount, d.owner
FROM deal d
WHERE d.amount > ALL (SELECT o.amount FROM deal o WHERE o.owner = d.owner AND o.id <> d.id);

-- Which companies have an open deal or a contact who clicked?
CREATE VIEW warm_company AS
SELECT m.id, m.name
FROM company m
WHERE EXISTS (SELECT FROM deal d WHERE d.company = m.id AND d.stage IN ('qualified', 'proposal'))
   OR EXISTS (
     SELECT FROM contact c JOIN campaign_member k ON k.contact = c.id
     WHERE c.company = m.id AND k.clicked);

-- What do profiles tell about roles and languages?
CREATE VIEW contact_profile AS
SELECT id, name,
       profile ->> 'role' AS role,
       profile #>> '{address,city}' AS city,
       profile ? 'linkedin' AS has_linkedin,
       jsonb_array_length(coalesce(profile -> 'languages', '[]')) AS languages
FROM contact
WHERE profile @> '{"active": true}';

-- What is expected to close in each month, and what adds up over the year?
CREATE VIEW forecast AS
SELECT month, expected, sum(expected) OVER (ORDER BY month) AS cumulative
FROM (
  SELECT date_trunc('month', close_on)::date AS month, sum(amount * probability) AS expected
  FROM deal
  WHERE stage NOT IN ('won', 'lost') AND close_on IS NOT NULL
  GROUP BY 1) m;

-- How do industries compare by size of the company?
CREATE VIEW industry_cube AS
SELECT industry,
       CASE WHEN employees < 50 THEN 'small' WHEN employees < 500 THEN 'medium' ELSE 'large' END AS size,
       count(*) AS companies
FROM company
GROUP BY CUBE (industry,
       CASE WHEN employees < 50 THEN 'small' WHEN employees < 500 THEN 'medium' ELSE 'large' END);

-- Which notes mention a competitor?
CREATE VIEW competitor_mention AS
SELECT id, deal, at, note
FROM activity
WHERE to_tsvector('english'::regconfig, note) @@ to_tsquery('english'::regconfig, 'competitor | rival');

-- Which agents have companies but no open deals?
CREATE VIEW agent_without_deal AS
SELECT owner AS agent FROM company WHERE owner IS NOT NULL
EXCEPT
SELECT owner FROM deal WHERE stage NOT IN ('won', 'lost');
