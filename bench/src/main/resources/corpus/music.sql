-- A music store and its streams: artists, albums, tracks, genres, playlists, sales and plays.
CREATE SCHEMA music;
SET search_path = music;

CREATE TABLE artist (
  artist_id integer PRIMARY KEY,
  name      text NOT NULL
);

CREATE TABLE album (
  album_id  integer PRIMARY KEY,
  title     text NOT NULL,
  artist_id integer NOT NULL REFERENCES artist,
  released  date
);

CREATE TABLE genre (
  genre_id integer PRIMARY KEY,
  name     text NOT NULL
);

CREATE TABLE track (
  track_id integer PRIMARY KEY,
  name     text NOT NULL,
  album_id integer REFERENCES album,
  genre_id integer REFERENCES genre,
  composer text,
  milliseconds integer NOT NULL,
  bytes    bigint,
  price    numeric(6,2) NOT NULL
);

CREATE TABLE playlist (
  playlist_id integer PRIMARY KEY,
  name        text NOT NULL,
  owner       integer
);

CREATE TABLE playlist_track (
  playlist_id integer NOT NULL REFERENCES playlist,
  track_id    integer NOT NULL REFERENCES track,
  position    integer NOT NULL,
  PRIMARY KEY (playlist_id, track_id)
);

CREATE TABLE employee (
  employee_id integer PRIMARY KEY,
  name        text NOT NULL,
  reports_to  integer REFERENCES employee
);

CREATE TABLE customer (
  customer_id integer PRIMARY KEY,
  name        text NOT NULL,
  country     text NOT NULL,
  city        text,
  support_rep integer REFERENCES employee
);

CREATE TABLE invoice (
  invoice_id  integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customer,
  at          timestamp NOT NULL,
  country     text NOT NULL
);

CREATE TABLE invoice_line (
  invoice_line_id integer PRIMARY KEY,
  invoice_id integer NOT NULL REFERENCES invoice,
  track_id   integer NOT NULL REFERENCES track,
  price      numeric(6,2) NOT NULL,
  quantity   integer NOT NULL
);

CREATE TABLE play (
  customer_id integer NOT NULL,
  track_id    integer NOT NULL,
  at          timestamptz NOT NULL,
  seconds     integer NOT NULL
);

CREATE INDEX ON album (artist_id);
CREATE INDEX ON track (album_id);
CREATE INDEX ON track (genre_id);
CREATE INDEX ON playlist_track (track_id);
CREATE INDEX ON invoice (customer_id);
CREATE INDEX ON invoice_line (invoice_id);
CREATE INDEX ON invoice_line (track_id);
CREATE INDEX ON play (track_id);
CREATE INDEX ON play (customer_id, at);

-- What is every track's full label, for the shop's list?
CREATE VIEW catalogue AS
SELECT t.track_id, t.name, a.title AS album, r.name AS artist, g.name AS genre, t.price
FROM track t
LEFT JOIN album a USING (album_id)
LEFT JOIN artist r USING (artist_id)
LEFT JOIN genre g USING (genre_id);

-- How long is each album, and how many tracks has it?
CREATE VIEW album_length AS
SELECT album_id, title, count(track_id) AS tracks,
       make_interval(secs => sum(milliseconds) / 1000.0) AS length
FROM album LEFT JOIN track USING (album_id)
GROUP BY album_id, title;

-- Which artists have no album?
CREATE VIEW artist_without_album AS
SELECT artist_id, name FROM artist
WHERE artist_id NOT IN (SELECT artist_id FROM album);

-- What does each artist earn?
CREATE VIEW artist_revenue AS
SELECT r.artist_id, r.name, sum(l.price * l.quantity) AS revenue, count(DISTINCT i.customer_id) AS buyers
FROM invoice_line l
JOIN invoice i ON i.invoice_id = l.invoice_id
JOIN track t ON t.track_id = l.track_id
JOIN album a ON a.album_id = t.album_id
JOIN artist r ON r.artist_id = a.artist_id
GROUP BY r.artist_id, r.name;

-- Which genre is the favourite of each country, ties included?
CREATE VIEW favourite_genre AS
WITH sales AS (
  SELECT i.country, g.name AS genre, sum(l.quantity) AS sold
  FROM invoice i
  JOIN invoice_line l USING (invoice_id)
  JOIN track t USING (track_id)
  JOIN genre g USING (genre_id)
  GROUP BY i.country, g.name)
SELECT country, genre, sold
FROM sales s
WHERE sold = (SELECT max(m.sold) FROM sales m WHERE m.country = s.country);

-- Who is the best customer of each country?
CREATE VIEW best_customer AS
SELECT country, name, spent
FROM (
  SELECT c.country, c.name, sum(l.price * l.quantity) AS spent,
         row_number() OVER (
           PARTITION BY c.country ORDER BY sum(l.price * l.quantity) DESC, c.customer_id) AS place
  FROM customer c
  JOIN invoice i ON i.customer_id = c.customer_id
  JOIN invoice_line l ON l.invoice_id = i.invoice_id
  GROUP BY c.customer_id) x
WHERE place = 1;

-- What is the total of each invoice, with its number of tracks?
CREATE VIEW invoice_total AS
SELECT invoice_id, sum(price * quantity) AS total, sum(quantity) AS tracks
FROM invoice_line
GROUP BY invoice_id;

-- How do sales grow from month to month?
CREATE VIEW monthly_growth AS
SELECT month, total,
       total - lag(total) OVER (ORDER BY month) AS change,
       round(100 * (total / nullif(lag(total) OVER (ORDER BY month), 0) - 1), 1) AS percent
FROM (
  SELECT date_trunc('month', i.at) AS month, sum(t.total) AS total
  FROM invoice i JOIN invoice_total t USING (invoice_id)
  GROUP BY 1) m;

-- Which tracks were never sold, though they are on a playlist?
CREATE VIEW unsold_favourite AS
SELECT DISTINCT t.track_id, t.name
FROM track t JOIN playlist_track p ON p.track_id = t.track_id
WHERE NOT EXISTS (SELECT FROM invoice_line l WHERE l.track_id = t.track_id);

-- What did each employee's customers buy, in which year?
CREATE VIEW sales_by_rep AS
SELECT e.name, extract(year FROM i.at) AS year, sum(t.total) AS total
FROM employee e
JOIN customer c ON c.support_rep = e.employee_id
JOIN invoice i ON i.customer_id = c.customer_id
JOIN invoice_total t ON t.invoice_id = i.invoice_id
GROUP BY e.employee_id, e.name, extract(year FROM i.at);

-- Who works under whom, at which level?
CREATE VIEW hierarchy AS
WITH RECURSIVE line AS (
  SELECT employee_id, name, 0 AS level FROM employee WHERE reports_to IS NULL
  UNION ALL
  SELECT e.employee_id, e.name, l.level + 1
  FROM employee e JOIN line l ON l.employee_id = e.reports_to)
  SEARCH DEPTH FIRST BY name SET position
SELECT employee_id, repeat('  ', level) || name AS name,
       row_number() OVER (ORDER BY position) AS line
FROM line;

-- Which tracks of an album are longer than the album's average?
CREATE VIEW long_track AS
SELECT track_id, name, milliseconds
FROM (
  SELECT track_id, name, milliseconds, avg(milliseconds) OVER (PARTITION BY album_id) AS mean
  FROM track) t
WHERE milliseconds > 1.5 * mean;

-- What is in each playlist, as one JSON document?
CREATE VIEW playlist_document AS
SELECT p.playlist_id, p.name,
       json_agg(json_build_object('track', t.name, 'position', x.position) ORDER BY x.position) AS tracks
FROM playlist p
JOIN playlist_track x ON x.playlist_id = p.playlist_id
JOIN track t ON t.track_id = x.track_id
GROUP BY p.playlist_id;

-- Which playlists contain exactly the same tracks?
CREATE VIEW same_playlist AS
WITH content AS (
  SELECT playlist_id, array_agg(track_id ORDER BY track_id) AS tracks
  FROM playlist_track GROUP BY playlist_id)
SELECT a.playlist_id, b.playlist_id AS other
FROM content a JOIN content b ON b.tracks = a.tracks AND b.playlist_id > a.playlist_id;

-- How often is each track played to the end, and how often skipped?
CREATE VIEW skip_rate AS
SELECT p.track_id, count(*) AS plays,
       count(*) FILTER (WHERE p.seconds * 1000 >= 0.9 * t.milliseconds) AS finished,
       count(*) FILTER (WHERE p.seconds < 15) AS skipped
FROM play p JOIN track t ON t.track_id = p.track_id
GROUP BY p.track_id;

-- What is the chart of each week: the ten most played tracks?
CREATE VIEW weekly_chart AS
SELECT week, place, track_id, plays
FROM (
  SELECT date_trunc('week', at AT TIME ZONE 'UTC') AS week, track_id, count(*) AS plays,
         dense_rank() OVER (
           PARTITION BY date_trunc('week', at AT TIME ZONE 'UTC') ORDER BY count(*) DESC) AS place
  FROM play GROUP BY 1, 2) c
WHERE place <= 10;

-- What did people hear in the last thirty days?
CREATE VIEW recent_listener AS
SELECT customer_id, count(*) AS plays, count(DISTINCT track_id) AS tracks
FROM play
WHERE at > CURRENT_TIMESTAMP - interval '30 days'
GROUP BY customer_id;

-- Who listens to an artist without having bought anything by them?
CREATE VIEW free_listener AS
SELECT DISTINCT p.customer_id, a.artist_id
FROM play p
JOIN track t ON t.track_id = p.track_id
JOIN album a ON a.album_id = t.album_id
WHERE (p.customer_id, a.artist_id) NOT IN (
  SELECT i.customer_id, b.artist_id
  FROM invoice i
  JOIN invoice_line l ON l.invoice_id = i.invoice_id
  JOIN track u ON u.track_id = l.track_id
  JOIN album b ON b.album_id = u.album_id);

-- Which tracks were heard next to each other most?
CREATE VIEW next_track AS
SELECT track_id, next, count(*) AS times
FROM (
  SELECT track_id, lead(track_id) OVER (PARTITION BY customer_id ORDER BY at) AS next FROM play) p
WHERE next IS NOT NULL AND next <> track_id
GROUP BY track_id, next;

-- Which composers wrote for more than one artist?
CREATE VIEW busy_composer AS
SELECT t.composer, count(DISTINCT a.artist_id) AS artists
FROM track t JOIN album a ON a.album_id = t.album_id
WHERE t.composer IS NOT NULL
GROUP BY t.composer
HAVING count(DISTINCT a.artist_id) > 1;

-- How are prices tiered, and how much lies in each tier?
CREATE VIEW price_tier AS
SELECT tier.name, count(t.track_id) AS tracks, coalesce(sum(t.bytes), 0) AS bytes
FROM (VALUES ('budget', 0.00, 0.99), ('regular', 0.99, 1.99), ('premium', 1.99, 999.00))
  AS tier (name, above, below)
LEFT JOIN track t ON t.price >= tier.above AND t.price < tier.below
GROUP BY tier.name;
