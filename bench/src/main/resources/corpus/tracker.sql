-- An issue tracker: projects, issues with their history, sprints, pull requests and builds.
CREATE SCHEMA tracker;
SET search_path = tracker;

CREATE TYPE state AS ENUM ('open', 'in_progress', 'review', 'done', 'rejected');

CREATE TABLE account (
  id    integer PRIMARY KEY,
  login text NOT NULL UNIQUE,
  team  text
);

CREATE TABLE project (
  key  text PRIMARY KEY,
  name text NOT NULL,
  lead integer REFERENCES account
);

CREATE TABLE sprint (
  id      integer PRIMARY KEY,
  project text NOT NULL REFERENCES project,
  name    text NOT NULL,
  starts  date NOT NULL,
  ends    date NOT NULL
);

CREATE TABLE issue (
  id       bigint PRIMARY KEY,
  project  text NOT NULL REFERENCES project,
  kind     text NOT NULL,
  title    text NOT NULL,
  body     text,
  state    state NOT NULL,
  priority smallint NOT NULL,
  reporter integer NOT NULL REFERENCES account,
  assignee integer REFERENCES account,
  parent   bigint REFERENCES issue,
  sprint   integer REFERENCES sprint,
  points   integer,
  labels   text[] NOT NULL DEFAULT '{}',
  created  timestamptz NOT NULL,
  closed   timestamptz
);

CREATE TABLE transition (
  issue bigint NOT NULL REFERENCES issue,
  at    timestamptz NOT NULL,
  by    integer NOT NULL REFERENCES account,
  old   state,
  new   state NOT NULL,
  PRIMARY KEY (issue, at)
);

CREATE TABLE comment (
  id     bigint PRIMARY KEY,
  issue  bigint NOT NULL REFERENCES issue,
  author integer NOT NULL REFERENCES account,
  body   text NOT NULL,
  at     timestamptz NOT NULL
);

CREATE TABLE link (
  source bigint NOT NULL REFERENCES issue,
  target bigint NOT NULL REFERENCES issue,
  kind   text NOT NULL,
  PRIMARY KEY (source, target, kind)
);

CREATE TABLE pull_request (
  id       bigint PRIMARY KEY,
  project  text NOT NULL REFERENCES project,
  author   integer NOT NULL REFERENCES account,
  opened   timestamptz NOT NULL,
  merged   timestamptz,
  additions integer NOT NULL,
  deletions integer NOT NULL,
  closes   bigint[] NOT NULL DEFAULT '{}'
);

CREATE TABLE review (
  pull_request bigint NOT NULL REFERENCES pull_request,
  reviewer     integer NOT NULL REFERENCES account,
  at           timestamptz NOT NULL,
  approved     boolean NOT NULL,
  PRIMARY KEY (pull_request, reviewer, at)
);

CREATE TABLE build (
  id           bigint PRIMARY KEY,
  pull_request bigint REFERENCES pull_request,
  branch       text NOT NULL,
  at           timestamptz NOT NULL,
  seconds      numeric(8,1) NOT NULL,
  ok           boolean NOT NULL,
  report       jsonb
);

CREATE TABLE watcher (
  issue   bigint NOT NULL REFERENCES issue,
  account integer NOT NULL REFERENCES account,
  PRIMARY KEY (issue, account)
);

CREATE INDEX ON issue (project, state);
CREATE INDEX ON issue (assignee);
CREATE INDEX ON issue (sprint);
CREATE INDEX ON issue (parent);
CREATE INDEX ON comment (issue);
CREATE INDEX ON link (target);
CREATE INDEX ON build (pull_request);

-- How many issues of each kind are in which state?
CREATE VIEW board AS
SELECT project, state, kind, count(*) AS issues, coalesce(sum(points), 0) AS points
FROM issue
GROUP BY project, state, kind;

-- What is on each person's desk?
CREATE VIEW workload AS
SELECT a.login, count(i.id) AS issues, coalesce(sum(i.points), 0) AS points,
       min(i.priority) AS most_urgent
FROM account a
LEFT JOIN issue i ON i.assignee = a.id AND i.state IN ('open', 'in_progress', 'review')
GROUP BY a.id, a.login;

-- What is left of each sprint after each day?
CREATE VIEW burndown AS
SELECT s.id AS sprint, d.day::date AS day,
       coalesce(sum(i.points) FILTER (WHERE i.closed IS NULL OR i.closed::date > d.day), 0) AS left_over
FROM sprint s
CROSS JOIN LATERAL generate_series(s.starts, s.ends, interval '1 day') AS d (day)
LEFT JOIN issue i ON i.sprint = s.id
GROUP BY s.id, d.day;

-- How many points did each sprint finish, and the last three in the mean?
CREATE VIEW velocity AS
SELECT project, sprint, starts, points,
       avg(points) OVER (PARTITION BY project ORDER BY starts ROWS 2 PRECEDING) AS mean_of_three
FROM (
  SELECT s.project, s.id AS sprint, s.starts, sum(i.points) AS points
  FROM sprint s JOIN issue i ON i.sprint = s.id AND i.state = 'done'
  GROUP BY s.id) x;

-- How long did each issue spend in each state?
CREATE VIEW time_in_state AS
SELECT issue, new AS state, sum(until - at) AS spent
FROM (
  SELECT issue, new, at, lead(at) OVER (PARTITION BY issue ORDER BY at) AS until
  FROM transition) t
GROUP BY issue, new;

-- How long does it take from the first move to the last, by kind?
CREATE VIEW cycle_time AS
SELECT i.project, i.kind, count(*) AS issues,
       percentile_disc(0.85) WITHIN GROUP (ORDER BY i.closed - t.began) AS p85
FROM issue i
JOIN (SELECT issue, min(at) AS began FROM transition WHERE new = 'in_progress' GROUP BY issue) t
  ON t.issue = i.id
WHERE i.closed IS NOT NULL
GROUP BY i.project, i.kind;

-- Which issues were reopened, how often?
CREATE VIEW reopened AS
SELECT issue, count(*) AS times, max(at) AS last_time
FROM transition
WHERE old = 'done' AND new <> 'done'
GROUP BY issue;

-- Which open issues cannot go on because of another open one?
CREATE VIEW blocked AS
SELECT i.id, i.title, array_agg(b.id ORDER BY b.id) AS blockers
FROM issue i
JOIN link l ON l.target = i.id AND l.kind = 'blocks'
JOIN issue b ON b.id = l.source
WHERE i.closed IS NULL AND b.closed IS NULL
GROUP BY i.id;

-- Which open issues are free to be taken: unassigned and not blocked?
CREATE VIEW ready AS
SELECT i.id, i.project, i.title, i.priority
FROM issue i
WHERE i.state = 'open' AND i.assignee IS NULL
  AND NOT EXISTS (
    SELECT FROM link l JOIN issue b ON b.id = l.source
    WHERE l.target = i.id AND l.kind = 'blocks' AND b.closed IS NULL);

-- How far is each epic, counting everything below it?
CREATE VIEW epic_progress AS
WITH RECURSIVE below (epic, id) AS (
  SELECT id, id FROM issue WHERE kind = 'epic'
  UNION ALL
  SELECT b.epic, i.id FROM issue i JOIN below b ON i.parent = b.id)
SELECT b.epic, count(*) - 1 AS issues,
       count(*) FILTER (WHERE i.state = 'done' AND i.id <> b.epic) AS done
FROM below b JOIN issue i ON i.id = b.id
GROUP BY b.epic;

-- Which labels are on how many open issues?
CREATE VIEW label_count AS
SELECT i.project, l.label, count(*) AS issues
FROM issue i CROSS JOIN LATERAL unnest(i.labels) AS l (label)
WHERE i.closed IS NULL
GROUP BY i.project, l.label;

-- Which issues are both security and urgent, or a regression?
CREATE VIEW alarm AS
SELECT id, project, title
FROM issue
WHERE closed IS NULL AND (labels @> ARRAY['security'] AND priority = 1 OR 'regression' = ANY (labels));

-- Who said the last word on each open issue?
CREATE VIEW last_comment AS
SELECT DISTINCT ON (c.issue) c.issue, a.login, c.at, left(c.body, 80) AS beginning
FROM comment c
JOIN account a ON a.id = c.author
JOIN issue i ON i.id = c.issue AND i.closed IS NULL
ORDER BY c.issue, c.at DESC, c.id DESC;

-- Which issues has nobody touched for two months?
CREATE VIEW stale AS
SELECT i.id, i.title
FROM issue i
WHERE i.closed IS NULL
  AND greatest(i.created, (SELECT max(c.at) FROM comment c WHERE c.issue = i.id))
      < now() - interval '60 days';

-- Whom concerns an issue: reporter, assignee, watchers and those who commented?
CREATE VIEW stakeholder AS
SELECT id AS issue, reporter AS account FROM issue
UNION
SELECT id, assignee FROM issue WHERE assignee IS NOT NULL
UNION
SELECT issue, account FROM watcher
UNION
SELECT issue, author FROM comment;

-- How long do pull requests wait for the first review and for the merge?
CREATE VIEW review_latency AS
SELECT p.project, date_trunc('week', p.opened AT TIME ZONE 'UTC') AS week,
       avg(f.first - p.opened) AS to_review, avg(p.merged - p.opened) AS to_merge, count(*) AS requests
FROM pull_request p
LEFT JOIN (SELECT pull_request, min(at) AS first FROM review GROUP BY pull_request) f
  ON f.pull_request = p.id
GROUP BY 1, 2;

-- Which pull requests are approved by two and not merged yet?
CREATE VIEW mergeable AS
SELECT p.id, p.project
FROM pull_request p
WHERE p.merged IS NULL
  AND (SELECT count(DISTINCT r.reviewer) FROM review r WHERE r.pull_request = p.id AND r.approved) >= 2
  AND (SELECT b.ok FROM build b WHERE b.pull_request = p.id ORDER BY b.at DESC LIMIT 1);

-- Which issue does each merged pull request close?
CREATE VIEW closed_by AS
SELECT c.issue, p.id AS pull_request, p.merged, c.ordinality AS position
FROM pull_request p CROSS JOIN LATERAL unnest(p.closes) WITH ORDINALITY AS c (issue, ordinality)
WHERE p.merged IS NOT NULL;

-- How reliable is each branch's build, and how much slower than its own best?
CREATE VIEW build_health AS
SELECT branch, count(*) AS builds, avg(ok::int) AS success_rate,
       max(seconds) / nullif(min(seconds), 0) AS slowdown,
       every(ok) AS always_green
FROM build
GROUP BY branch;

-- Which tests fail most, out of the builds' reports?
CREATE VIEW flaky_test AS
SELECT t.test ->> 'name' AS test, count(*) AS failures, count(DISTINCT b.branch) AS branches
FROM build b CROSS JOIN LATERAL jsonb_array_elements(b.report -> 'failed') AS t (test)
GROUP BY t.test ->> 'name'
HAVING count(*) > 3;

-- Who reviews whom most?
CREATE VIEW review_pair AS
SELECT p.author, r.reviewer, count(*) AS reviews,
       rank() OVER (PARTITION BY p.author ORDER BY count(*) DESC) AS place
FROM review r JOIN pull_request p ON p.id = r.pull_request
GROUP BY p.author, r.reviewer;

-- Which weekday and hour see most new bugs?
CREATE VIEW bug_heatmap AS
SELECT extract(isodow FROM created AT TIME ZONE 'UTC')::int AS weekday,
       extract(hour FROM created AT TIME ZONE 'UTC')::int AS hour, count(*) AS bugs
FROM issue
WHERE kind = 'bug'
GROUP BY 1, 2;
