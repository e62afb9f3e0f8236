-- An electricity supplier: meters, quarter-hour loads, tariffs, forecasts, trades on the exchange.
CREATE SCHEMA energy;
SET search_path = energy;

CREATE TABLE area (
  area text PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE meter (
  meter   bigint PRIMARY KEY,
  area    text NOT NULL REFERENCES area,
  tariff  text NOT NULL,
  contract daterange NOT NULL,
  readings_due integer[] NOT NULL DEFAULT '{}'
);

CREATE TABLE load (
  meter bigint NOT NULL REFERENCES meter,
  at    timestamptz NOT NULL,
  kwh   numeric(9,3) NOT NULL,
  estimated boolean NOT NULL DEFAULT false,
  PRIMARY KEY (meter, at)
);

CREATE TABLE forecast (
  area text NOT NULL REFERENCES area,
  at   timestamptz NOT NULL,
  kwh  numeric(12,3) NOT NULL,
  PRIMARY KEY (area, at)
);

CREATE TABLE tariff_price (
  tariff text NOT NULL,
  valid  daterange NOT NULL,
  cents  numeric(7,3) NOT NULL,
  PRIMARY KEY (tariff, valid)
);

CREATE TABLE trade (
  id    bigint PRIMARY KEY,
  side  text NOT NULL,
  area  text NOT NULL REFERENCES area,
  at    timestamptz NOT NULL,
  delivery timestamptz NOT NULL,
  mwh   numeric(9,1) NOT NULL,
  price numeric(9,2) NOT NULL
);

CREATE TABLE grid_line (
  a text NOT NULL REFERENCES area,
  b text NOT NULL REFERENCES area,
  mw numeric(8,1) NOT NULL,
  PRIMARY KEY (a, b)
);

CREATE TABLE outage (
  area   text NOT NULL REFERENCES area,
  during tstzrange NOT NULL,
  cause  text
);

CREATE TABLE market_message (
  id   bigint PRIMARY KEY,
  body jsonb NOT NULL
);

CREATE TABLE expected_import (
  file text NOT NULL,
  rows integer NOT NULL
);

CREATE TABLE done_import (
  file text NOT NULL,
  rows integer NOT NULL
);

CREATE INDEX ON meter (area);
CREATE INDEX ON load (at);
CREATE INDEX ON trade (area, delivery);
CREATE INDEX ON outage USING gist (during);

-- How much does each area draw in each quarter of an hour?
CREATE VIEW area_load AS
SELECT m.area, l.at, sum(l.kwh) AS kwh, count(*) FILTER (WHERE l.estimated) AS estimated
FROM load l NATURAL JOIN meter m
GROUP BY m.area, l.at;

-- How far off was the forecast, where both sides are known or only one?
CREATE VIEW forecast_error AS
SELECT area, at, f.kwh AS forecast, a.kwh AS actual,
       abs(f.kwh - a.kwh) / nullif(a.kwh, 0) AS error
FROM forecast f FULL JOIN area_load a USING (area, at);

-- What is the peak of each area in each month, and when was it?
CREATE VIEW monthly_peak AS
WITH ranked AS MATERIALIZED (
  SELECT area, at, kwh,
         row_number() OVER (
           PARTITION BY area, date_trunc('month', at, 'UTC') ORDER BY kwh DESC, at) AS place
  FROM area_load)
SELECT area, at, kwh FROM ranked WHERE place = 1;

-- How does each load compare with its neighbours in time, itself left out?
CREATE VIEW load_outlier AS
SELECT meter, at, kwh,
       avg(kwh) OVER (PARTITION BY meter ORDER BY at
         ROWS BETWEEN 4 PRECEDING AND 4 FOLLOWING EXCLUDE CURRENT ROW) AS neighbours
FROM load;

-- What did an area use in this and the two days before, days without load aside?
CREATE VIEW three_day_load AS
SELECT area, day, kwh,
       sum(kwh) OVER (PARTITION BY area ORDER BY day GROUPS BETWEEN 2 PRECEDING AND CURRENT ROW) AS three_days
FROM (SELECT area, (at AT TIME ZONE 'UTC')::date AS day, sum(kwh) AS kwh FROM area_load GROUP BY 1, 2) d;

-- What does each meter's use cost, at the price of the day?
CREATE VIEW charge AS
SELECT l.meter, date_trunc('month', l.at AT TIME ZONE 'UTC')::date AS month,
       round(sum(l.kwh * p.cents) / 100, 2) AS euro
FROM load l
JOIN meter m ON m.meter = l.meter
JOIN tariff_price p ON p.tariff = m.tariff AND p.valid @> (l.at AT TIME ZONE 'UTC')::date
GROUP BY 1, 2;

-- What is our open position per hour of delivery: bought less sold?
CREATE VIEW open_position AS
SELECT area, delivery, sum(CASE side WHEN 'buy' THEN mwh ELSE -mwh END) AS mwh,
       sum(mwh * price) FILTER (WHERE side = 'buy') / nullif(sum(mwh) FILTER (WHERE side = 'buy'), 0)
         AS paid_per_mwh
FROM trade
GROUP BY area, delivery;

-- What do trades look like as bars of open, high, low and close by hour?
CREATE VIEW price_bar AS
SELECT area, date_trunc('hour', at, 'UTC') AS hour,
       (array_agg(price ORDER BY at, id))[1] AS open, max(price) AS high, min(price) AS low,
       (array_agg(price ORDER BY at DESC, id DESC))[1] AS close, sum(mwh) AS volume
FROM trade
GROUP BY area, date_trunc('hour', at, 'UTC');

-- At which percentile would a price of 100 have been each day?
CREATE VIEW price_percentile AS
SELECT area, (delivery AT TIME ZONE 'UTC')::date AS day,
       percent_rank(100) WITHIN GROUP (ORDER BY price) AS percentile,
       rank(100) WITHIN GROUP (ORDER BY price DESC) AS place
FROM trade
GROUP BY area, 2;

-- Which areas are connected, over any lines, with at least which capacity?
CREATE VIEW connected_area AS
WITH RECURSIVE line (a, b, mw) AS (
  SELECT a, b, mw FROM grid_line UNION ALL SELECT b, a, mw FROM grid_line),
reach (a, b, mw, hops) AS (
  SELECT a, b, mw, 1 FROM line
  UNION
  SELECT r.a, l.b, least(r.mw, l.mw), r.hops + 1
  FROM reach r JOIN line l ON l.a = r.b WHERE r.hops < 4 AND l.b <> r.a)
SELECT a, b, max(mw) AS mw FROM reach GROUP BY a, b;

-- Which loads were read during an outage of their area, and cannot be right?
CREATE VIEW impossible_load AS
SELECT l.meter, l.at, l.kwh
FROM load l JOIN meter m ON m.meter = l.meter
WHERE l.kwh > 0
  AND EXISTS (SELECT FROM outage o WHERE o.area = m.area AND l.at <@ o.during);

-- Which files were imported with other counts than expected, each as often as it happened?
CREATE VIEW import_difference AS
(SELECT file, rows, 'missing' AS what FROM expected_import
 EXCEPT ALL
 SELECT file, rows, 'missing' FROM done_import)
UNION ALL
(SELECT file, rows, 'unexpected' FROM done_import
 EXCEPT ALL
 SELECT file, rows, 'unexpected' FROM expected_import);

-- Which files came exactly as expected, duplicates counted?
CREATE VIEW import_match AS
SELECT file, rows FROM expected_import
INTERSECT ALL
SELECT file, rows FROM done_import;

-- Which tariffs would be cheaper for each meter than its own?
CREATE VIEW cheaper_tariff AS
SELECT m.meter, m.tariff, p.tariff AS cheaper
FROM meter m
JOIN tariff_price c ON c.tariff = m.tariff AND upper_inf(c.valid)
JOIN tariff_price p ON (p.cents, p.tariff) < (c.cents, c.tariff) AND upper_inf(p.valid);

-- What do the market's messages contain, position by position?
CREATE VIEW message_position AS
SELECT k.id, t.line, t.area, t.mwh, t.price
FROM market_message k,
     JSON_TABLE(k.body, '$.positions[*]' COLUMNS (
       line FOR ORDINALITY,
       area text PATH '$.area',
       mwh numeric PATH '$.mwh',
       price numeric PATH '$.price')) AS t;

-- On which days of the month is each meter to be read, first to last?
CREATE VIEW reading_calendar AS
SELECT m.meter, x.place, x.day_of_month
FROM meter m, ROWS FROM (unnest(m.readings_due)) WITH ORDINALITY AS x (day_of_month, place);

-- Which trades come after the hundred dearest?
CREATE VIEW second_hundred AS
SELECT id, area, price, mwh
FROM trade
ORDER BY price DESC, id
LIMIT 100 OFFSET 100;
