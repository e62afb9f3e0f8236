-- A retailer's warehouse in the manner of TPC-DS: three sales channels, returns and dimensions.
CREATE SCHEMA star;
SET search_path = star;

CREATE TABLE date_dim (
  date_sk integer PRIMARY KEY,
  day     date NOT NULL,
  year    integer NOT NULL,
  quarter integer NOT NULL,
  month   integer NOT NULL,
  weekday text NOT NULL,
  holiday boolean NOT NULL
);

CREATE TABLE item (
  item_sk      integer PRIMARY KEY,
  item_id      text NOT NULL,
  brand        text,
  class        text,
  category     text,
  manufacturer integer,
  price        numeric(7,2)
);

CREATE TABLE customer (
  customer_sk integer PRIMARY KEY,
  name        text,
  address_sk  integer,
  birth_year  integer,
  preferred   boolean
);

CREATE TABLE address (
  address_sk integer PRIMARY KEY,
  city       text,
  county     text,
  state      char(2),
  zip        text,
  gmt_offset numeric(5,2)
);

CREATE TABLE store (
  store_sk integer PRIMARY KEY,
  name     text NOT NULL,
  state    char(2),
  floor_space integer
);

CREATE TABLE promotion (
  promo_sk integer PRIMARY KEY,
  name     text,
  email    boolean,
  event    boolean
);

CREATE TABLE warehouse (
  warehouse_sk integer PRIMARY KEY,
  name         text NOT NULL,
  state        char(2)
);

CREATE TABLE store_sales (
  date_sk     integer REFERENCES date_dim,
  item_sk     integer NOT NULL REFERENCES item,
  customer_sk integer REFERENCES customer,
  store_sk    integer REFERENCES store,
  promo_sk    integer REFERENCES promotion,
  ticket      bigint NOT NULL,
  quantity    integer,
  list_price  numeric(7,2),
  sales_price numeric(7,2),
  ext_price   numeric(9,2),
  net_profit  numeric(9,2),
  PRIMARY KEY (item_sk, ticket)
);

CREATE TABLE store_returns (
  date_sk     integer REFERENCES date_dim,
  item_sk     integer NOT NULL,
  ticket      bigint NOT NULL,
  customer_sk integer,
  store_sk    integer REFERENCES store,
  quantity    integer,
  amount      numeric(9,2),
  PRIMARY KEY (item_sk, ticket)
);

CREATE TABLE web_sales (
  date_sk     integer REFERENCES date_dim,
  ship_date_sk integer REFERENCES date_dim,
  item_sk     integer NOT NULL REFERENCES item,
  customer_sk integer REFERENCES customer,
  warehouse_sk integer REFERENCES warehouse,
  order_number bigint NOT NULL,
  quantity    integer,
  ext_price   numeric(9,2),
  net_profit  numeric(9,2),
  PRIMARY KEY (item_sk, order_number)
);

CREATE TABLE catalog_sales (
  date_sk     integer REFERENCES date_dim,
  item_sk     integer NOT NULL REFERENCES item,
  customer_sk integer REFERENCES customer,
  warehouse_sk integer REFERENCES warehouse,
  order_number bigint NOT NULL,
  quantity    integer,
  ext_price   numeric(9,2),
  net_profit  numeric(9,2),
  PRIMARY KEY (item_sk, order_number)
);

CREATE TABLE inventory (
  date_sk      integer NOT NULL REFERENCES date_dim,
  item_sk      integer NOT NULL REFERENCES item,
  warehouse_sk integer NOT NULL REFERENCES warehouse,
  on_hand      integer,
  PRIMARY KEY (date_sk, item_sk, warehouse_sk)
);

CREATE INDEX ON store_sales (date_sk);
CREATE INDEX ON store_sales (customer_sk);
CREATE INDEX ON store_sales (store_sk);
CREATE INDEX ON store_returns (customer_sk);
CREATE INDEX ON web_sales (date_sk);
CREATE INDEX ON web_sales (customer_sk);
CREATE INDEX ON catalog_sales (date_sk);
CREATE INDEX ON catalog_sales (customer_sk);
CREATE INDEX ON inventory (item_sk);
CREATE INDEX ON customer (address_sk);

-- What does each brand of one manufacturer sell in Novembers?
CREATE VIEW november_brands AS
SELECT d.year, i.brand, sum(s.ext_price) AS total
FROM date_dim d
JOIN store_sales s ON s.date_sk = d.date_sk
JOIN item i ON i.item_sk = s.item_sk
WHERE i.manufacturer = 128 AND d.month = 11
GROUP BY d.year, i.brand
ORDER BY d.year, total DESC
LIMIT 100;

-- Who returned more in a store than a fifth above that store's average customer?
CREATE VIEW frequent_returner AS
WITH total_return AS (
  SELECT r.customer_sk, r.store_sk, sum(r.amount) AS total
  FROM store_returns r JOIN date_dim d ON d.date_sk = r.date_sk
  WHERE d.year = 2026
  GROUP BY r.customer_sk, r.store_sk)
SELECT c.name, t.store_sk, t.total
FROM total_return t
JOIN customer c ON c.customer_sk = t.customer_sk
WHERE t.total > (SELECT avg(u.total) * 1.2 FROM total_return u WHERE u.store_sk = t.store_sk);

-- What is sold through all channels together, by year and category?
CREATE VIEW all_channels AS
SELECT d.year, i.category, x.channel, sum(x.ext_price) AS sales, sum(x.net_profit) AS profit
FROM (
  SELECT 'store' AS channel, date_sk, item_sk, ext_price, net_profit FROM store_sales
  UNION ALL
  SELECT 'web', date_sk, item_sk, ext_price, net_profit FROM web_sales
  UNION ALL
  SELECT 'catalog', date_sk, item_sk, ext_price, net_profit FROM catalog_sales) x
JOIN date_dim d ON d.date_sk = x.date_sk
JOIN item i ON i.item_sk = x.item_sk
GROUP BY d.year, i.category, x.channel;

-- The same with subtotals, for the board?
CREATE VIEW channel_rollup AS
SELECT channel, category, sum(sales) AS sales, sum(profit) AS profit
FROM all_channels
GROUP BY ROLLUP (channel, category);

-- Which customers bought in the store and on the web in the same year, but not by catalogue?
CREATE VIEW two_channel_customer AS
SELECT s.customer_sk, d.year FROM store_sales s JOIN date_dim d ON d.date_sk = s.date_sk
INTERSECT
SELECT s.customer_sk, d.year FROM web_sales s JOIN date_dim d ON d.date_sk = s.date_sk
EXCEPT
SELECT s.customer_sk, d.year FROM catalog_sales s JOIN date_dim d ON d.date_sk = s.date_sk;

-- How many customers bought in the store, and also on the web or by catalogue?
CREATE VIEW cross_channel_state AS
SELECT a.state, count(*) AS customers
FROM customer c JOIN address a ON a.address_sk = c.address_sk
WHERE EXISTS (SELECT FROM store_sales s WHERE s.customer_sk = c.customer_sk)
  AND (EXISTS (SELECT FROM web_sales w WHERE w.customer_sk = c.customer_sk)
    OR EXISTS (SELECT FROM catalog_sales k WHERE k.customer_sk = c.customer_sk))
GROUP BY a.state;

-- How do web sales of each customer grow against those in the store?
CREATE VIEW web_growth AS
WITH yearly AS (
  SELECT customer_sk, year, sum(amount) FILTER (WHERE channel = 's') AS store,
         sum(amount) FILTER (WHERE channel = 'w') AS web
  FROM (
    SELECT s.customer_sk, d.year, 's' AS channel, s.ext_price AS amount
    FROM store_sales s JOIN date_dim d ON d.date_sk = s.date_sk
    UNION ALL
    SELECT w.customer_sk, d.year, 'w', w.ext_price
    FROM web_sales w JOIN date_dim d ON d.date_sk = w.date_sk) x
  GROUP BY customer_sk, year)
SELECT a.customer_sk, a.year
FROM yearly a JOIN yearly b ON b.customer_sk = a.customer_sk AND b.year = a.year + 1
WHERE a.web > 0 AND a.store > 0 AND b.web / a.web > b.store / a.store;

-- What share of its class's revenue does each item have?
CREATE VIEW revenue_ratio AS
SELECT i.item_id, i.class, sum(w.ext_price) AS revenue,
       sum(w.ext_price) * 100 / sum(sum(w.ext_price)) OVER (PARTITION BY i.class) AS ratio
FROM web_sales w JOIN item i ON i.item_sk = w.item_sk
GROUP BY i.item_id, i.class;

-- Which weekdays bring what in each store, side by side?
CREATE VIEW weekday_sales AS
SELECT s.name, d.year,
       sum(CASE WHEN d.weekday = 'Monday' THEN x.sales_price END) AS monday,
       sum(CASE WHEN d.weekday = 'Friday' THEN x.sales_price END) AS friday,
       sum(CASE WHEN d.weekday = 'Saturday' THEN x.sales_price END) AS saturday,
       sum(CASE WHEN d.weekday = 'Sunday' THEN x.sales_price END) AS sunday
FROM store_sales x
JOIN store s ON s.store_sk = x.store_sk
JOIN date_dim d ON d.date_sk = x.date_sk
GROUP BY s.name, d.year;

-- Does promotion pay: what part of each category's sales came with one?
CREATE VIEW promotion_share AS
SELECT i.category,
       sum(s.ext_price) FILTER (WHERE p.email OR p.event) AS promoted,
       sum(s.ext_price) AS total,
       sum(s.ext_price) FILTER (WHERE p.email OR p.event) / nullif(sum(s.ext_price), 0) AS share
FROM store_sales s
JOIN item i ON i.item_sk = s.item_sk
LEFT JOIN promotion p ON p.promo_sk = s.promo_sk
GROUP BY i.category;

-- Which items sold in a store were returned there and bought again by catalogue?
CREATE VIEW returned_and_reordered AS
SELECT i.item_id, st.name, count(*) AS cases, sum(s.net_profit) AS store_profit,
       sum(r.amount) AS returned, sum(k.net_profit) AS catalog_profit
FROM store_sales s
JOIN store_returns r ON r.item_sk = s.item_sk AND r.ticket = s.ticket
JOIN catalog_sales k ON k.customer_sk = r.customer_sk AND k.item_sk = r.item_sk
JOIN item i ON i.item_sk = s.item_sk
JOIN store st ON st.store_sk = s.store_sk
GROUP BY i.item_id, st.name;

-- How does stock vary at each warehouse, and which items swing too much?
CREATE VIEW unstable_stock AS
SELECT w.name, v.item_sk, d.month, avg(v.on_hand) AS mean, stddev_samp(v.on_hand) AS deviation
FROM inventory v
JOIN warehouse w ON w.warehouse_sk = v.warehouse_sk
JOIN date_dim d ON d.date_sk = v.date_sk
GROUP BY w.name, v.item_sk, d.month
HAVING stddev_samp(v.on_hand) > avg(v.on_hand);

-- How long do web orders take to be shipped, in buckets by warehouse?
CREATE VIEW shipping_delay AS
SELECT w.name,
       count(*) FILTER (WHERE s.ship_date_sk - s.date_sk <= 30) AS days_30,
       count(*) FILTER (WHERE s.ship_date_sk - s.date_sk BETWEEN 31 AND 60) AS days_60,
       count(*) FILTER (WHERE s.ship_date_sk - s.date_sk > 60) AS more
FROM web_sales s JOIN warehouse w ON w.warehouse_sk = s.warehouse_sk
GROUP BY w.name;

-- Which items are in the top ten of best and worst profit alike?
CREATE VIEW best_and_worst AS
WITH profit AS (
  SELECT item_sk, avg(net_profit) AS mean,
         rank() OVER (ORDER BY avg(net_profit) DESC) AS best,
         rank() OVER (ORDER BY avg(net_profit)) AS worst
  FROM store_sales GROUP BY item_sk)
SELECT b.best AS place, i.item_id AS best_item, j.item_id AS worst_item
FROM profit b
JOIN profit w ON w.worst = b.best
JOIN item i ON i.item_sk = b.item_sk
JOIN item j ON j.item_sk = w.item_sk
WHERE b.best <= 10;

-- What do cumulative sales of the web and the store look like, where the web leads?
CREATE VIEW cumulative_race AS
WITH web AS (
  SELECT w.item_sk, d.day, sum(sum(w.ext_price)) OVER (PARTITION BY w.item_sk ORDER BY d.day) AS total
  FROM web_sales w JOIN date_dim d ON d.date_sk = w.date_sk GROUP BY w.item_sk, d.day),
shop AS (
  SELECT s.item_sk, d.day, sum(sum(s.ext_price)) OVER (PARTITION BY s.item_sk ORDER BY d.day) AS total
  FROM store_sales s JOIN date_dim d ON d.date_sk = s.date_sk GROUP BY s.item_sk, d.day)
SELECT item_sk, day, web.total AS web, shop.total AS store
FROM web FULL JOIN shop USING (item_sk, day)
WHERE coalesce(web.total, 0) > coalesce(shop.total, 0);

-- Which tickets hold sales of a holiday by people of another state?
CREATE VIEW holiday_traveller AS
SELECT s.ticket, c.name, a.state AS home, t.state AS shop
FROM store_sales s
JOIN date_dim d ON d.date_sk = s.date_sk AND d.holiday
JOIN store t ON t.store_sk = s.store_sk
JOIN customer c ON c.customer_sk = s.customer_sk
JOIN address a ON a.address_sk = c.address_sk
WHERE a.state <> t.state;

-- Which zip codes hold more than ten preferred customers, and what do they buy?
CREATE VIEW preferred_zip AS
SELECT left(a.zip, 5) AS zip, sum(s.net_profit) AS profit
FROM store_sales s
JOIN customer c ON c.customer_sk = s.customer_sk
JOIN address a ON a.address_sk = c.address_sk
WHERE left(a.zip, 5) IN (
  SELECT left(b.zip, 5)
  FROM address b JOIN customer p ON p.address_sk = b.address_sk
  WHERE p.preferred
  GROUP BY left(b.zip, 5)
  HAVING count(*) > 10)
GROUP BY left(a.zip, 5);

-- How many pieces are sold in each band of list prices, and at which discount?
CREATE VIEW price_band AS
SELECT width_bucket(list_price, 0, 200, 10) AS band, sum(quantity) AS pieces,
       avg(list_price - sales_price) AS discount, count(DISTINCT list_price) AS prices
FROM store_sales
WHERE list_price IS NOT NULL
GROUP BY 1;

-- Which items cost more than a fifth above the average of their category?
CREATE VIEW expensive_item AS
SELECT i.item_id, i.category, i.price
FROM item i
WHERE i.price > 1.2 * (SELECT avg(j.price) FROM item j WHERE j.category = i.category);

-- How did each brand's monthly sales deviate from its year's average, beside its neighbours?
CREATE VIEW brand_deviation AS
WITH monthly AS (
  SELECT i.brand, d.year, d.month, sum(s.sales_price) AS sales,
         avg(sum(s.sales_price)) OVER (PARTITION BY i.brand, d.year) AS mean,
         row_number() OVER (PARTITION BY i.brand ORDER BY d.year, d.month) AS n
  FROM store_sales s
  JOIN item i ON i.item_sk = s.item_sk
  JOIN date_dim d ON d.date_sk = s.date_sk
  GROUP BY i.brand, d.year, d.month)
SELECT c.brand, c.year, c.month, c.sales, c.mean, p.sales AS before, f.sales AS after
FROM monthly c
JOIN monthly p ON p.brand = c.brand AND p.n = c.n - 1
JOIN monthly f ON f.brand = c.brand AND f.n = c.n + 1
WHERE c.mean > 0 AND abs(c.sales - c.mean) / c.mean > 0.1;

-- How do counties compare by age group of customers, for every combination?
CREATE VIEW demography AS
SELECT a.county, (2026 - c.birth_year) / 10 * 10 AS age, c.preferred, count(*) AS customers
FROM customer c JOIN address a USING (address_sk)
GROUP BY CUBE (a.county, (2026 - c.birth_year) / 10 * 10, c.preferred);

-- Which item is out of stock everywhere although it sold last quarter?
CREATE VIEW lost_sales AS
SELECT DISTINCT s.item_sk
FROM store_sales s JOIN date_dim d ON d.date_sk = s.date_sk
WHERE d.year = 2026 AND d.quarter = 3
  AND 0 >= ALL (SELECT v.on_hand FROM inventory v WHERE v.item_sk = s.item_sk AND v.on_hand IS NOT NULL);
