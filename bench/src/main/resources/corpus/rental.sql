-- A DVD rental with several shops: films, copies, rentals, payments, staff and late returns.
CREATE SCHEMA rental;
SET search_path = rental;

CREATE TYPE rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
CREATE DOMAIN year AS integer CHECK (VALUE BETWEEN 1880 AND 2200);

CREATE TABLE language (
  language_id integer PRIMARY KEY,
  name        char(20) NOT NULL
);

CREATE TABLE film (
  film_id     integer PRIMARY KEY,
  title       text NOT NULL,
  description text,
  released    year,
  language_id integer NOT NULL REFERENCES language,
  days        smallint NOT NULL DEFAULT 3,
  rate        numeric(4,2) NOT NULL DEFAULT 4.99,
  minutes     smallint,
  replacement numeric(5,2) NOT NULL DEFAULT 19.99,
  rating      rating DEFAULT 'G',
  features    text[]
);

CREATE TABLE actor (
  actor_id   integer PRIMARY KEY,
  first_name text NOT NULL,
  last_name  text NOT NULL
);

CREATE TABLE film_actor (
  actor_id integer NOT NULL REFERENCES actor,
  film_id  integer NOT NULL REFERENCES film,
  PRIMARY KEY (actor_id, film_id)
);

CREATE TABLE category (
  category_id integer PRIMARY KEY,
  name        text NOT NULL
);

CREATE TABLE film_category (
  film_id     integer NOT NULL REFERENCES film,
  category_id integer NOT NULL REFERENCES category,
  PRIMARY KEY (film_id, category_id)
);

CREATE TABLE store (
  store_id integer PRIMARY KEY,
  city     text NOT NULL
);

CREATE TABLE staff (
  staff_id integer PRIMARY KEY,
  name     text NOT NULL,
  store_id integer NOT NULL REFERENCES store,
  active   boolean NOT NULL DEFAULT true
);

CREATE TABLE customer (
  customer_id integer PRIMARY KEY,
  store_id    integer NOT NULL REFERENCES store,
  name        text NOT NULL,
  email       text,
  active      boolean NOT NULL DEFAULT true,
  created     date NOT NULL
);

CREATE TABLE inventory (
  inventory_id integer PRIMARY KEY,
  film_id      integer NOT NULL REFERENCES film,
  store_id     integer NOT NULL REFERENCES store
);

CREATE TABLE rental (
  rental_id    integer PRIMARY KEY,
  rented       timestamptz NOT NULL,
  inventory_id integer NOT NULL REFERENCES inventory,
  customer_id  integer NOT NULL REFERENCES customer,
  returned     timestamptz,
  staff_id     integer NOT NULL REFERENCES staff
);

CREATE TABLE payment (
  payment_id  bigint NOT NULL,
  customer_id integer NOT NULL,
  staff_id    integer NOT NULL,
  rental_id   integer,
  amount      numeric(5,2) NOT NULL,
  paid        date NOT NULL,
  PRIMARY KEY (payment_id, paid)
) PARTITION BY RANGE (paid);
CREATE TABLE payment_2025 PARTITION OF payment FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE payment_2026 PARTITION OF payment FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

CREATE INDEX ON film_actor (film_id);
CREATE INDEX ON film_category (category_id);
CREATE INDEX ON inventory (film_id);
CREATE INDEX ON rental (inventory_id);
CREATE INDEX ON rental (customer_id);
CREATE INDEX ON payment (rental_id);
CREATE INDEX ON payment (customer_id);

CREATE FUNCTION full_name(first text, last text) RETURNS text
  LANGUAGE sql IMMUTABLE
  BEGIN ATOMIC
    SELECT initcap(first) || ' ' || initcap(last);
  END;

-- What is in each film, for the catalogue: category and cast in one line?
CREATE VIEW film_list AS
SELECT f.film_id, f.title, f.description, c.name AS category, f.rate, f.minutes, f.rating,
       string_agg(full_name(a.first_name, a.last_name), ', ' ORDER BY a.last_name, a.first_name) AS actors
FROM film f
LEFT JOIN film_category fc ON fc.film_id = f.film_id
LEFT JOIN category c ON c.category_id = fc.category_id
LEFT JOIN film_actor fa ON fa.film_id = f.film_id
LEFT JOIN actor a ON a.actor_id = fa.actor_id
GROUP BY f.film_id, c.name;

-- Which films did each actor play in, category by category?
CREATE VIEW actor_info AS
SELECT a.actor_id, full_name(a.first_name, a.last_name) AS name,
       string_agg(DISTINCT c.name, ', ' ORDER BY c.name) AS categories, count(DISTINCT f.film_id) AS films
FROM actor a
LEFT JOIN film_actor fa USING (actor_id)
LEFT JOIN film f USING (film_id)
LEFT JOIN film_category fc USING (film_id)
LEFT JOIN category c USING (category_id)
GROUP BY a.actor_id;

-- What does each store take in?
CREATE VIEW sales_by_store AS
SELECT s.store_id, s.city, sum(p.amount) AS total
FROM payment p
JOIN rental r ON r.rental_id = p.rental_id
JOIN inventory i ON i.inventory_id = r.inventory_id
JOIN store s ON s.store_id = i.store_id
GROUP BY s.store_id, s.city;

-- What does each category take in?
CREATE VIEW sales_by_category AS
SELECT c.name AS category, sum(p.amount) AS total
FROM payment p
JOIN rental r USING (rental_id)
JOIN inventory i USING (inventory_id)
JOIN film_category fc USING (film_id)
JOIN category c USING (category_id)
GROUP BY c.name
ORDER BY total DESC;

-- Which copies are on the shelf?
CREATE VIEW on_shelf AS
SELECT i.inventory_id, i.film_id, i.store_id
FROM inventory i
WHERE NOT EXISTS (
  SELECT FROM rental r WHERE r.inventory_id = i.inventory_id AND r.returned IS NULL);

-- How many copies of each film has each store, and how many are there now?
CREATE VIEW availability AS
SELECT i.store_id, i.film_id, count(*) AS copies, count(s.inventory_id) AS available
FROM inventory i LEFT JOIN on_shelf s ON s.inventory_id = i.inventory_id
GROUP BY i.store_id, i.film_id;

-- Which rentals are overdue now?
CREATE VIEW overdue AS
SELECT r.rental_id, c.name, f.title, r.rented
FROM rental r
JOIN customer c ON c.customer_id = r.customer_id
JOIN inventory i ON i.inventory_id = r.inventory_id
JOIN film f ON f.film_id = i.film_id
WHERE r.returned IS NULL AND r.rented + f.days * interval '1 day' < now();

-- Which returned rentals were late, and what do they cost?
CREATE VIEW late_fee AS
SELECT r.rental_id, r.customer_id,
       ceil(extract(epoch FROM r.returned - r.rented) / 86400) - f.days AS days_late,
       1.50 * (ceil(extract(epoch FROM r.returned - r.rented) / 86400) - f.days) AS fee
FROM rental r
JOIN inventory i ON i.inventory_id = r.inventory_id
JOIN film f ON f.film_id = i.film_id
WHERE r.returned - r.rented > f.days * interval '1 day';

-- What does each customer owe?
CREATE VIEW customer_balance AS
SELECT c.customer_id, c.name,
       coalesce(d.due, 0) + coalesce(l.fees, 0) - coalesce(p.paid, 0) AS balance
FROM customer c
LEFT JOIN (
  SELECT r.customer_id, sum(f.rate) AS due
  FROM rental r JOIN inventory i USING (inventory_id) JOIN film f USING (film_id)
  GROUP BY r.customer_id) d USING (customer_id)
LEFT JOIN (SELECT customer_id, sum(fee) AS fees FROM late_fee GROUP BY customer_id) l USING (customer_id)
LEFT JOIN (SELECT customer_id, sum(amount) AS paid FROM payment GROUP BY customer_id) p USING (customer_id);

-- Who has rented at least ten films this year and is worth a reward?
CREATE VIEW rewards AS
SELECT c.customer_id, c.name, c.email
FROM customer c
WHERE (SELECT count(*) FROM rental r
       WHERE r.customer_id = c.customer_id AND r.rented >= timestamptz '2026-01-01 00:00+00') >= 10;

-- Which films has nobody rented in any store?
CREATE VIEW shelf_warmer AS
SELECT f.film_id, f.title
FROM film f
WHERE f.film_id IN (SELECT film_id FROM inventory)
  AND f.film_id NOT IN (
    SELECT i.film_id FROM inventory i JOIN rental r ON r.inventory_id = i.inventory_id);

-- Which films are owned by one store and missing in the other?
CREATE VIEW missing_in_store AS
SELECT f.film_id, s.store_id
FROM film f CROSS JOIN store s
EXCEPT
SELECT film_id, store_id FROM inventory;

-- Which actors have played together most?
CREATE VIEW screen_couple AS
SELECT a.actor_id, b.actor_id AS partner, count(*) AS films
FROM film_actor a JOIN film_actor b ON b.film_id = a.film_id AND b.actor_id > a.actor_id
GROUP BY a.actor_id, b.actor_id
ORDER BY films DESC, a.actor_id, b.actor_id
LIMIT 50;

-- How many steps is every actor away from the first one?
CREATE VIEW degrees AS
WITH RECURSIVE reached (actor_id, steps) AS (
  SELECT 1, 0
  UNION
  SELECT other.actor_id, r.steps + 1
  FROM reached r
  JOIN film_actor mine ON mine.actor_id = r.actor_id
  JOIN film_actor other ON other.film_id = mine.film_id
  WHERE r.steps < 6)
SELECT actor_id, min(steps) AS steps FROM reached GROUP BY actor_id;

-- How do takings develop, week by week, against the four weeks before?
CREATE VIEW weekly_takings AS
SELECT week, total,
       round(avg(total) OVER (ORDER BY week ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING), 2) AS before
FROM (SELECT date_trunc('week', paid::timestamp) AS week, sum(amount) AS total FROM payment GROUP BY 1) w;

-- Which film earns most in each category, and what did the runner-up?
CREATE VIEW category_champion AS
SELECT DISTINCT category_id,
       first_value(title) OVER w AS champion,
       nth_value(title, 2) OVER w AS runner_up
FROM (
  SELECT fc.category_id, f.title, sum(p.amount) AS total
  FROM payment p
  JOIN rental r USING (rental_id)
  JOIN inventory i USING (inventory_id)
  JOIN film f USING (film_id)
  JOIN film_category fc USING (film_id)
  GROUP BY fc.category_id, f.film_id) t
WINDOW w AS (PARTITION BY category_id ORDER BY total DESC, title
             ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

-- Which special features do films of each rating have?
CREATE VIEW feature_by_rating AS
SELECT f.rating, x.feature, count(*) AS films
FROM film f, unnest(f.features) AS x (feature)
GROUP BY GROUPING SETS ((f.rating, x.feature), (f.rating));

-- Which customers rent in a store that is not theirs?
CREATE VIEW unfaithful_customer AS
SELECT c.customer_id, c.store_id AS home, i.store_id AS other, count(*) AS rentals
FROM customer c
JOIN rental r ON r.customer_id = c.customer_id
JOIN inventory i ON i.inventory_id = r.inventory_id
WHERE i.store_id IS DISTINCT FROM c.store_id
GROUP BY c.customer_id, i.store_id;

-- Which staff member served whom last?
CREATE VIEW last_service AS
SELECT s.staff_id, s.name, x.customer_id, x.rented
FROM staff s
LEFT JOIN LATERAL (
  SELECT customer_id, rented FROM rental r WHERE r.staff_id = s.staff_id
  ORDER BY rented DESC, rental_id DESC LIMIT 1) x ON true
WHERE s.active;

-- Which films are about a shark or a monster, but not for children?
CREATE VIEW scary_film AS
SELECT film_id, title, rating
FROM film
WHERE (description ILIKE '%shark%' OR description ILIKE '%monster%')
  AND rating >= 'PG-13'
  AND title NOT SIMILAR TO '%(KID|BABY)%';
