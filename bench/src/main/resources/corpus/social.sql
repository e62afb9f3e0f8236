-- A social network: people, who follows whom, posts, reactions, tags, groups and messages.
CREATE SCHEMA social;
SET search_path = social;

CREATE TABLE person (
  id       bigint PRIMARY KEY,
  handle   text NOT NULL UNIQUE,
  name     text NOT NULL,
  born     date,
  country  char(2),
  joined   timestamptz NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE follow (
  follower bigint NOT NULL REFERENCES person,
  followed bigint NOT NULL REFERENCES person,
  since    timestamptz NOT NULL,
  PRIMARY KEY (follower, followed)
);

CREATE TABLE block (
  blocker bigint NOT NULL REFERENCES person,
  blocked bigint NOT NULL REFERENCES person,
  PRIMARY KEY (blocker, blocked)
);

CREATE TABLE post (
  id       bigint PRIMARY KEY,
  author   bigint NOT NULL REFERENCES person,
  reply_to bigint REFERENCES post,
  text     text NOT NULL,
  at       timestamptz NOT NULL,
  language text,
  hidden   boolean NOT NULL DEFAULT false
);

CREATE TABLE reaction (
  post   bigint NOT NULL REFERENCES post,
  person bigint NOT NULL REFERENCES person,
  kind   text NOT NULL,
  at     timestamptz NOT NULL,
  PRIMARY KEY (post, person)
);

CREATE TABLE post_tag (
  post bigint NOT NULL REFERENCES post,
  tag  text NOT NULL,
  PRIMARY KEY (post, tag)
);

CREATE TABLE circle (
  id    bigint PRIMARY KEY,
  name  text NOT NULL,
  owner bigint NOT NULL REFERENCES person
);

CREATE TABLE member (
  circle bigint NOT NULL REFERENCES circle,
  person bigint NOT NULL REFERENCES person,
  role   text NOT NULL DEFAULT 'member',
  PRIMARY KEY (circle, person)
);

CREATE TABLE message (
  id     bigint PRIMARY KEY,
  sender bigint NOT NULL REFERENCES person,
  recipient bigint NOT NULL REFERENCES person,
  at     timestamptz NOT NULL,
  seen   timestamptz
);

CREATE TABLE visit (
  person bigint,
  page   text NOT NULL,
  at     timestamptz NOT NULL
);

CREATE INDEX ON follow (followed);
CREATE INDEX ON post (author, at);
CREATE INDEX ON post (reply_to);
CREATE INDEX ON reaction (person);
CREATE INDEX ON post_tag (tag);
CREATE INDEX ON member (person);
CREATE INDEX ON message (recipient);

-- How many follow each person and are followed back?
CREATE VIEW follower_count AS
SELECT p.id, p.handle,
       (SELECT count(*) FROM follow f WHERE f.followed = p.id) AS followers,
       (SELECT count(*) FROM follow f WHERE f.follower = p.id) AS follows
FROM person p;

-- Who are friends, each following the other?
CREATE VIEW friendship AS
SELECT a.follower AS person, a.followed AS friend, greatest(a.since, b.since) AS since
FROM follow a JOIN follow b ON b.follower = a.followed AND b.followed = a.follower
WHERE a.follower < a.followed;

-- Whom should each person follow: friends of friends, by how many friends they share?
CREATE VIEW suggestion AS
SELECT a.follower AS person, b.followed AS suggested, count(*) AS in_common
FROM follow a
JOIN follow b ON b.follower = a.followed
WHERE b.followed <> a.follower
  AND NOT EXISTS (SELECT FROM follow x WHERE x.follower = a.follower AND x.followed = b.followed)
  AND NOT EXISTS (SELECT FROM block k WHERE k.blocker = a.follower AND k.blocked = b.followed)
GROUP BY a.follower, b.followed
HAVING count(*) >= 2;

-- What appears in each person's timeline?
CREATE VIEW timeline AS
SELECT f.follower AS reader, p.id AS post, p.author, p.at
FROM follow f JOIN post p ON p.author = f.followed
WHERE NOT p.hidden AND p.reply_to IS NULL;

-- What are the twenty newest entries of each timeline?
CREATE VIEW timeline_head AS
SELECT r.id AS reader, t.post, t.at
FROM person r
CROSS JOIN LATERAL (
  SELECT p.id AS post, p.at
  FROM follow f JOIN post p ON p.author = f.followed
  WHERE f.follower = r.id AND NOT p.hidden
  ORDER BY p.at DESC LIMIT 20) t;

-- How was each post received?
CREATE VIEW post_reaction AS
SELECT p.id, p.author,
       count(r.person) AS reactions,
       count(r.person) FILTER (WHERE r.kind = 'like') AS likes,
       jsonb_object_agg(r.kind, 1) FILTER (WHERE r.kind IS NOT NULL) AS kinds
FROM post p LEFT JOIN reaction r ON r.post = p.id
GROUP BY p.id;

-- How large is each thread, and how deep?
CREATE VIEW thread AS
WITH RECURSIVE reply (root, id, depth) AS (
  SELECT id, id, 0 FROM post WHERE reply_to IS NULL
  UNION ALL
  SELECT r.root, p.id, r.depth + 1 FROM post p JOIN reply r ON p.reply_to = r.id)
SELECT root, count(*) - 1 AS replies, max(depth) AS depth FROM reply GROUP BY root;

-- Which tags are used most today?
CREATE VIEW trending AS
SELECT t.tag, count(*) AS posts, count(DISTINCT p.author) AS authors
FROM post_tag t JOIN post p ON p.id = t.post
WHERE p.at > now() - interval '1 day'
GROUP BY t.tag
ORDER BY authors DESC
LIMIT 25;

-- Which tags appear together?
CREATE VIEW tag_pair AS
SELECT a.tag, b.tag AS other, count(*) AS posts
FROM post_tag a JOIN post_tag b ON b.post = a.post AND b.tag > a.tag
GROUP BY a.tag, b.tag;

-- Which tags did more people use this week than the week before?
CREATE VIEW rising_tag AS
WITH weekly AS (
  SELECT t.tag, date_trunc('week', p.at AT TIME ZONE 'UTC') AS week, count(DISTINCT p.author) AS authors
  FROM post_tag t JOIN post p ON p.id = t.post
  GROUP BY 1, 2)
SELECT tag, week, authors,
       authors - lag(authors, 1, 0::bigint) OVER (PARTITION BY tag ORDER BY week) AS growth
FROM weekly;

-- How active was the network, day by day?
CREATE VIEW daily_activity AS
SELECT day, sum(posts) AS posts, sum(reactions) AS reactions, sum(joined) AS joined
FROM (
  SELECT (at AT TIME ZONE 'UTC')::date AS day, 1 AS posts, 0 AS reactions, 0 AS joined FROM post
  UNION ALL
  SELECT (at AT TIME ZONE 'UTC')::date, 0, 1, 0 FROM reaction
  UNION ALL
  SELECT (joined AT TIME ZONE 'UTC')::date, 0, 0, 1 FROM person) x
GROUP BY day;

-- Who was active in any way?
CREATE VIEW active_person AS
SELECT author AS person FROM post
UNION
SELECT person FROM reaction
UNION
SELECT sender FROM message;

-- Who has joined and never done anything?
CREATE VIEW lurker AS
SELECT p.id, p.handle
FROM person p
WHERE p.id NOT IN (SELECT author FROM post)
  AND p.id NOT IN (SELECT person FROM reaction);

-- How many unread messages does each person have, from how many people?
CREATE VIEW inbox AS
SELECT recipient, count(*) AS unread, count(DISTINCT sender) AS senders, min(at) AS oldest
FROM message
WHERE seen IS NULL
GROUP BY recipient;

-- What was the last message of each conversation?
CREATE VIEW conversation AS
SELECT DISTINCT ON (least(sender, recipient), greatest(sender, recipient))
       least(sender, recipient) AS one, greatest(sender, recipient) AS other, id, at
FROM message
ORDER BY least(sender, recipient), greatest(sender, recipient), at DESC;

-- How fast do people answer?
CREATE VIEW response_time AS
SELECT sender, avg(at - before) AS average
FROM (
  SELECT sender, at,
         lag(at) OVER c AS before, lag(sender) OVER c AS previous_sender
  FROM message
  WINDOW c AS (PARTITION BY least(sender, recipient), greatest(sender, recipient) ORDER BY at)) m
WHERE previous_sender <> sender
GROUP BY sender;

-- Which circles have grown large but have no moderator?
CREATE VIEW unmoderated_circle AS
SELECT c.id, c.name, count(*) AS members
FROM circle c JOIN member m ON m.circle = c.id
GROUP BY c.id
HAVING count(*) > 100 AND bool_and(m.role = 'member');

-- Which circles share most of their members?
CREATE VIEW similar_circle AS
SELECT a.circle, b.circle AS other, count(*) AS shared
FROM member a JOIN member b ON b.person = a.person AND b.circle > a.circle
GROUP BY a.circle, b.circle;

-- Who is an influencer: among the highest percent by followers?
CREATE VIEW influencer AS
SELECT followed, followers
FROM (
  SELECT followed, count(*) AS followers, cume_dist() OVER (ORDER BY count(*)) AS position
  FROM follow GROUP BY followed) f
WHERE position > 0.99;

-- Which languages are spoken where?
CREATE VIEW language_by_country AS
SELECT p.country, coalesce(x.language, 'unknown') AS language, count(*) AS posts,
       round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY p.country), 1) AS percent
FROM post x JOIN person p ON p.id = x.author
GROUP BY p.country, coalesce(x.language, 'unknown');

-- Who wants to be told about new followers by mail?
CREATE VIEW mail_opt_in AS
SELECT id, handle
FROM person
WHERE settings -> 'mail' ->> 'followers' = 'true';

-- Which pages are visited most by people who are not signed in?
CREATE VIEW anonymous_page AS
SELECT page, count(*) AS visits
FROM visit
WHERE person IS NULL
GROUP BY page;

-- What did each signed-in person visit, once each?
CREATE VIEW visited_page AS
SELECT DISTINCT person, page FROM visit WHERE person IS NOT NULL;
