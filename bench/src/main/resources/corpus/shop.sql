-- An online shop: catalogue, customers, orders, payments, returns, stock and reviews.
CREATE SCHEMA shop;
SET search_path = shop;

CREATE TYPE order_status AS ENUM ('cart', 'placed', 'paid', 'shipped', 'delivered', 'cancelled');
CREATE DOMAIN money_amount AS numeric(12,2) CHECK (VALUE >= 0);

CREATE TABLE customer (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email      text NOT NULL UNIQUE,
  name       text NOT NULL,
  country    char(2) NOT NULL,
  referrer   bigint REFERENCES customer,
  created_at timestamptz NOT NULL
);

CREATE TABLE category (
  id     integer PRIMARY KEY,
  parent integer REFERENCES category,
  name   text NOT NULL
);

CREATE TABLE product (
  id         bigint PRIMARY KEY,
  category   integer NOT NULL REFERENCES category,
  sku        text NOT NULL UNIQUE,
  name       text NOT NULL,
  price      money_amount NOT NULL,
  cost       money_amount,
  attributes jsonb NOT NULL DEFAULT '{}',
  tags       text[] NOT NULL DEFAULT '{}',
  active     boolean NOT NULL DEFAULT true
);

CREATE TABLE orders (
  id         bigint PRIMARY KEY,
  customer   bigint NOT NULL REFERENCES customer,
  status     order_status NOT NULL,
  placed_at  timestamptz NOT NULL,
  shipped_at timestamptz,
  coupon     text,
  shipping   money_amount NOT NULL DEFAULT 0
);

CREATE TABLE order_line (
  orders   bigint NOT NULL REFERENCES orders,
  line     integer NOT NULL,
  product  bigint NOT NULL REFERENCES product,
  quantity integer NOT NULL CHECK (quantity > 0),
  price    money_amount NOT NULL,
  discount numeric(4,3) NOT NULL DEFAULT 0,
  PRIMARY KEY (orders, line)
);

CREATE TABLE payment (
  id     bigint PRIMARY KEY,
  orders bigint NOT NULL REFERENCES orders,
  method text NOT NULL,
  amount numeric(12,2) NOT NULL,
  at     timestamptz NOT NULL,
  failed boolean NOT NULL DEFAULT false
);

CREATE TABLE refund (
  id     bigint PRIMARY KEY,
  orders bigint NOT NULL,
  line   integer NOT NULL,
  amount numeric(12,2) NOT NULL,
  reason text,
  at     timestamptz NOT NULL,
  FOREIGN KEY (orders, line) REFERENCES order_line
);

CREATE TABLE stock_move (
  product  bigint NOT NULL REFERENCES product,
  place    text NOT NULL,
  quantity integer NOT NULL,
  at       timestamptz NOT NULL
);

CREATE TABLE review (
  product  bigint NOT NULL REFERENCES product,
  customer bigint NOT NULL REFERENCES customer,
  stars    smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
  text     text,
  at       timestamptz NOT NULL,
  PRIMARY KEY (product, customer)
);

CREATE INDEX ON product (category);
CREATE INDEX ON orders (customer);
CREATE INDEX ON order_line (product);
CREATE INDEX ON payment (orders);
CREATE INDEX ON refund (orders, line);
CREATE INDEX ON stock_move (product);
CREATE INDEX ON review (customer);

-- What did each order line bring after its discount?
CREATE VIEW line_revenue AS
SELECT l.orders, l.line, l.product, l.quantity,
       round(l.quantity * l.price * (1 - l.discount), 2) AS revenue
FROM order_line l;

-- What is each order worth, and what was shipping on top?
CREATE VIEW order_total AS
SELECT o.id, o.customer, o.status, o.placed_at,
       sum(r.revenue) AS goods, o.shipping, sum(r.revenue) + o.shipping AS total
FROM orders o JOIN line_revenue r ON r.orders = o.id
GROUP BY o.id;

-- How much do we sell a day, in orders and money?
CREATE VIEW daily_sales AS
SELECT date_trunc('day', o.placed_at AT TIME ZONE 'UTC') AS day,
       count(DISTINCT o.id) AS orders,
       sum(l.quantity) AS pieces,
       sum(l.quantity * l.price) AS turnover
FROM orders o JOIN order_line l ON l.orders = o.id
WHERE o.status NOT IN ('cart', 'cancelled')
GROUP BY 1;

-- Which customers are worth most over their lifetime, those without an order included?
CREATE VIEW customer_value AS
SELECT c.id, c.name, c.country,
       count(o.id) AS orders,
       coalesce(sum(t.total), 0) AS spent,
       max(o.placed_at) AS last_order
FROM customer c
LEFT JOIN orders o ON o.customer = c.id AND o.status IN ('paid', 'shipped', 'delivered')
LEFT JOIN order_total t ON t.id = o.id
GROUP BY c.id, c.name, c.country;

-- Which ten products sold best?
CREATE VIEW bestsellers AS
SELECT p.id, p.name, sum(l.quantity) AS sold
FROM order_line l
JOIN product p ON p.id = l.product
JOIN orders o ON o.id = l.orders
WHERE o.status <> 'cancelled'
GROUP BY p.id, p.name
ORDER BY sold DESC, p.id
LIMIT 10;

-- Which three products lead each category?
CREATE VIEW category_leaders AS
SELECT category, place, product, sold
FROM (
  SELECT p.category, p.name AS product, s.sold,
         rank() OVER (PARTITION BY p.category ORDER BY s.sold DESC) AS place
  FROM product p
  JOIN (SELECT product, sum(quantity) AS sold FROM order_line GROUP BY product) s
    ON s.product = p.id) ranked
WHERE place <= 3;

-- Which products has nobody ever ordered?
CREATE VIEW unsold_products AS
SELECT p.id, p.sku, p.name
FROM product p
WHERE p.active AND NOT EXISTS (SELECT FROM order_line l WHERE l.product = p.id);

-- What is each category's full path, for the breadcrumb?
CREATE VIEW category_path AS
WITH RECURSIVE path AS (
  SELECT id, name::text AS path, 1 AS depth FROM category WHERE parent IS NULL
  UNION ALL
  SELECT c.id, path.path || ' / ' || c.name, path.depth + 1
  FROM category c JOIN path ON c.parent = path.id
)
SELECT id, path, depth FROM path;

-- What does each category sell, subcategories included?
CREATE VIEW category_turnover AS
WITH RECURSIVE below AS (
  SELECT id AS top, id FROM category
  UNION
  SELECT b.top, c.id FROM below b JOIN category c ON c.parent = b.id
)
SELECT b.top AS category, sum(l.quantity * l.price) AS turnover
FROM below b
JOIN product p ON p.category = b.id
JOIN order_line l ON l.product = p.id
GROUP BY b.top;

-- How many pieces of each product lie where?
CREATE VIEW stock AS
SELECT product, place, sum(quantity) AS quantity
FROM stock_move
GROUP BY product, place
HAVING sum(quantity) <> 0;

-- Which active products are out of stock everywhere?
CREATE VIEW sold_out AS
SELECT p.id, p.sku, p.name, coalesce(s.quantity, 0) AS quantity
FROM product p
LEFT JOIN (SELECT product, sum(quantity) AS quantity FROM stock_move GROUP BY product) s
  ON s.product = p.id
WHERE p.active AND coalesce(s.quantity, 0) <= 0;

-- Which paid orders still wait to be shipped, oldest first?
CREATE VIEW to_ship AS
SELECT o.id, o.placed_at, c.name, c.country, count(*) AS lines
FROM orders o
JOIN customer c ON c.id = o.customer
JOIN order_line l ON l.orders = o.id
WHERE o.status = 'paid' AND o.shipped_at IS NULL
GROUP BY o.id, o.placed_at, c.name, c.country
ORDER BY o.placed_at;

-- Which orders are not paid in full?
CREATE VIEW underpaid_orders AS
SELECT t.id, t.total, coalesce(p.paid, 0) AS paid
FROM order_total t
LEFT JOIN (
  SELECT orders, sum(amount) AS paid FROM payment WHERE NOT failed GROUP BY orders) p
  ON p.orders = t.id
WHERE t.status NOT IN ('cart', 'cancelled') AND coalesce(p.paid, 0) < t.total;

-- How does each product score with its reviewers, star by star?
CREATE VIEW product_rating AS
SELECT product,
       count(*) AS reviews,
       round(avg(stars), 2) AS average,
       count(*) FILTER (WHERE stars = 5) AS five,
       count(*) FILTER (WHERE stars = 1) AS one
FROM review
GROUP BY product;

-- Which reviews were written by people who bought the product?
CREATE VIEW verified_review AS
SELECT r.product, r.customer, r.stars, r.text,
       r.product IN (
         SELECT l.product FROM order_line l JOIN orders o ON o.id = l.orders
         WHERE o.customer = r.customer AND o.status = 'delivered') AS verified
FROM review r;

-- What was each customer's first order?
CREATE VIEW first_order AS
SELECT DISTINCT ON (customer) customer, id AS orders, placed_at, coupon
FROM orders
WHERE status <> 'cart'
ORDER BY customer, placed_at, id;

-- How many days pass between a customer's orders?
CREATE VIEW order_gap AS
SELECT customer, id, placed_at,
       placed_at - lag(placed_at) OVER (PARTITION BY customer ORDER BY placed_at, id) AS gap
FROM orders
WHERE status <> 'cart';

-- How many customers of each month's cohort bought again in later months?
CREATE VIEW cohort AS
WITH first AS (
  SELECT customer, date_trunc('month', min(placed_at AT TIME ZONE 'UTC')) AS cohort
  FROM orders WHERE status <> 'cart' GROUP BY customer)
SELECT f.cohort,
       date_trunc('month', o.placed_at AT TIME ZONE 'UTC') AS month,
       count(DISTINCT o.customer) AS customers
FROM first f JOIN orders o ON o.customer = f.customer
WHERE o.status <> 'cart'
GROUP BY 1, 2;

-- Which products are bought together most?
CREATE VIEW bought_together AS
SELECT a.product, b.product AS other, count(*) AS times
FROM order_line a JOIN order_line b ON b.orders = a.orders AND b.product > a.product
GROUP BY a.product, b.product
HAVING count(*) >= 3;

-- How do payment methods do, month by month?
CREATE VIEW payment_methods AS
SELECT date_trunc('month', at AT TIME ZONE 'UTC') AS month,
       sum(amount) FILTER (WHERE method = 'card' AND NOT failed) AS card,
       sum(amount) FILTER (WHERE method = 'transfer' AND NOT failed) AS transfer,
       sum(amount) FILTER (WHERE method NOT IN ('card', 'transfer') AND NOT failed) AS other,
       avg(failed::int) AS failure_rate
FROM payment
GROUP BY 1;

-- Which tags does a product carry, one row each, for the tag cloud?
CREATE VIEW tag_cloud AS
SELECT tag, count(*) AS products
FROM product, unnest(tags) AS tag
WHERE active
GROUP BY tag;

-- Which colours and sizes do we have of each category?
CREATE VIEW facets AS
SELECT p.category, a.key AS attribute, a.value, count(*) AS products
FROM product p CROSS JOIN LATERAL jsonb_each_text(p.attributes) AS a
GROUP BY p.category, a.key, a.value;

-- What margin does each product leave, where its cost is known?
CREATE VIEW margin AS
SELECT id, sku, price, cost, price - cost AS margin,
       round(100 * (price - cost) / nullif(price, 0), 1) AS margin_percent
FROM product
WHERE cost IS NOT NULL;

-- Which products cost more than the average of their category?
CREATE VIEW premium_products AS
SELECT p.id, p.name, p.price
FROM product p
WHERE p.price > (SELECT avg(q.price) FROM product q WHERE q.category = p.category);

-- How much was refunded of what was sold, by product and reason?
CREATE VIEW refunds AS
SELECT l.product, coalesce(r.reason, 'none given') AS reason,
       count(*) AS refunds, sum(r.amount) AS amount
FROM refund r JOIN order_line l ON l.orders = r.orders AND l.line = r.line
GROUP BY l.product, coalesce(r.reason, 'none given');

-- What has been ordered during the last 24 hours?
CREATE VIEW todays_orders AS
SELECT id, customer, status, placed_at
FROM orders
WHERE placed_at > now() - interval '24 hours';

-- Who brought in whom, and what did those recruits spend?
CREATE VIEW referrals AS
SELECT r.id, r.name, count(c.id) AS recruits, sum(v.spent) AS recruits_spent
FROM customer r
JOIN customer c ON c.referrer = r.id
JOIN customer_value v ON v.id = c.id
GROUP BY r.id, r.name;

-- Which customers are served best by which campaign: buyers, lapsed or never?
CREATE VIEW segment AS
SELECT id, email,
       CASE WHEN orders = 0 THEN 'never'
            WHEN spent >= 1000 THEN 'gold'
            WHEN orders >= 5 THEN 'regular'
            ELSE 'occasional' END AS segment
FROM customer JOIN customer_value USING (id);
