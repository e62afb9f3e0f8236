-- A carrier: depots, routes, vehicles, drivers, shipments with their events, and customs.
CREATE SCHEMA logistics;
SET search_path = logistics;

CREATE TYPE address AS (street text, postcode text, city text, country char(2));

CREATE TABLE depot (
  code    text PRIMARY KEY,
  name    text NOT NULL,
  place   address NOT NULL,
  opens   time NOT NULL,
  closes  time NOT NULL
);

CREATE TABLE leg (
  origin      text NOT NULL REFERENCES depot,
  destination text NOT NULL REFERENCES depot,
  km          numeric(7,1) NOT NULL,
  hours       interval NOT NULL,
  PRIMARY KEY (origin, destination)
);

CREATE TABLE vehicle (
  plate    text PRIMARY KEY,
  depot    text NOT NULL REFERENCES depot,
  capacity numeric(8,2) NOT NULL,
  volume   numeric(8,2) NOT NULL,
  kind     text NOT NULL
);

CREATE TABLE driver (
  id      integer PRIMARY KEY,
  name    text NOT NULL,
  classes text[] NOT NULL,
  depot   text REFERENCES depot
);

CREATE TABLE trip (
  id       bigint PRIMARY KEY,
  vehicle  text NOT NULL REFERENCES vehicle,
  driver   integer NOT NULL REFERENCES driver,
  origin   text NOT NULL,
  destination text NOT NULL,
  departs  timestamptz NOT NULL,
  arrives  timestamptz,
  FOREIGN KEY (origin, destination) REFERENCES leg
);

CREATE TABLE client (
  id    integer PRIMARY KEY,
  name  text NOT NULL,
  tariff text NOT NULL
);

CREATE TABLE shipment (
  id        bigint PRIMARY KEY,
  client    integer NOT NULL REFERENCES client,
  sender    address NOT NULL,
  recipient address NOT NULL,
  weight    numeric(8,2) NOT NULL,
  volume    numeric(8,3),
  accepted  timestamptz NOT NULL,
  promised  timestamptz NOT NULL,
  delivered timestamptz,
  cash_on_delivery numeric(10,2)
);

CREATE TABLE loading (
  trip     bigint NOT NULL REFERENCES trip,
  shipment bigint NOT NULL REFERENCES shipment,
  PRIMARY KEY (trip, shipment)
);

CREATE TABLE scan (
  shipment bigint NOT NULL REFERENCES shipment,
  at       timestamptz NOT NULL,
  depot    text REFERENCES depot,
  kind     text NOT NULL
);

CREATE TABLE tariff_step (
  tariff    text NOT NULL,
  weight    numrange NOT NULL,
  price     numeric(8,2) NOT NULL,
  PRIMARY KEY (tariff, weight)
);

CREATE TABLE customs_item (
  shipment bigint NOT NULL REFERENCES shipment,
  hs_code  char(6) NOT NULL,
  value    numeric(12,2) NOT NULL,
  origin   char(2)
);

CREATE INDEX ON trip (vehicle, departs);
CREATE INDEX ON loading (shipment);
CREATE INDEX ON scan (shipment, at);
CREATE INDEX ON shipment (client);
CREATE INDEX ON customs_item (shipment);

-- Where is each shipment, by its last scan?
CREATE VIEW whereabouts AS
SELECT DISTINCT ON (s.shipment) s.shipment, s.at, s.kind, d.name AS depot
FROM scan s LEFT JOIN depot d ON d.code = s.depot
ORDER BY s.shipment, s.at DESC;

-- Which shipments arrived late, and by how much?
CREATE VIEW late_delivery AS
SELECT s.id, s.client, c.name, s.delivered - s.promised AS delay
FROM shipment s JOIN client c ON c.id = s.client
WHERE s.delivered > s.promised;

-- How punctual are we for each client, week by week?
CREATE VIEW punctuality AS
SELECT client, date_trunc('week', promised AT TIME ZONE 'UTC')::date AS week,
       count(*) AS shipments,
       round(100.0 * count(*) FILTER (WHERE delivered <= promised) / count(*), 1) AS percent
FROM shipment
GROUP BY client, 2;

-- How full is each trip, by weight and volume?
CREATE VIEW trip_load AS
SELECT t.id, t.vehicle, t.departs,
       coalesce(sum(s.weight), 0) AS weight,
       coalesce(sum(s.weight), 0) / v.capacity AS weight_share,
       coalesce(sum(s.volume), 0) / v.volume AS volume_share
FROM trip t
JOIN vehicle v ON v.plate = t.vehicle
LEFT JOIN loading l ON l.trip = t.id
LEFT JOIN shipment s ON s.id = l.shipment
GROUP BY t.id, v.plate;

-- Which trips are overloaded?
CREATE VIEW overloaded_trip AS
SELECT id, vehicle, weight_share, volume_share
FROM trip_load
WHERE weight_share > 1 OR volume_share > 1;

-- Which depots can be reached from which, in how many legs and kilometres?
CREATE VIEW reachability AS
WITH RECURSIVE route (origin, destination, legs, km, via) AS (
  SELECT origin, destination, 1, km::numeric, ARRAY[origin, destination] FROM leg
  UNION ALL
  SELECT r.origin, l.destination, r.legs + 1, r.km + l.km, r.via || l.destination
  FROM route r JOIN leg l ON l.origin = r.destination
  WHERE r.legs < 5 AND l.destination <> ALL (r.via)
)
SELECT origin, destination, min(legs) AS legs, min(km) AS km
FROM route
GROUP BY origin, destination;

-- Which connections exist in one direction only?
CREATE VIEW one_way_leg AS
SELECT origin, destination FROM leg
EXCEPT
SELECT destination, origin FROM leg;

-- What does each shipment cost by its client's tariff?
CREATE VIEW freight AS
SELECT s.id, s.client, s.weight, t.price
FROM shipment s
JOIN client c ON c.id = s.client
LEFT JOIN tariff_step t ON t.tariff = c.tariff AND t.weight @> s.weight;

-- What did each client ship this year, and what did it bring?
CREATE VIEW client_turnover AS
SELECT c.id, c.name, count(f.id) AS shipments, sum(f.weight) AS kilograms, sum(f.price) AS revenue
FROM client c LEFT JOIN freight f ON f.client = c.id
GROUP BY c.id, c.name;

-- Which vehicles were booked for two trips at once?
CREATE VIEW double_booking AS
SELECT a.vehicle, a.id AS trip, b.id AS other
FROM trip a JOIN trip b ON b.vehicle = a.vehicle AND b.id > a.id
WHERE tstzrange(a.departs, a.arrives) && tstzrange(b.departs, b.arrives);

-- Who drove a vehicle without the licence class for it?
CREATE VIEW unlicensed_trip AS
SELECT t.id, d.name, v.kind
FROM trip t
JOIN driver d ON d.id = t.driver
JOIN vehicle v ON v.plate = t.vehicle
WHERE NOT v.kind = ANY (d.classes);

-- How many hours did each driver drive by day?
CREATE VIEW driving_time AS
SELECT driver, (departs AT TIME ZONE 'UTC')::date AS day,
       sum(arrives - departs) AS driven, count(*) AS trips
FROM trip
WHERE arrives IS NOT NULL
GROUP BY driver, (departs AT TIME ZONE 'UTC')::date;

-- How much rest had a driver before each trip?
CREATE VIEW rest_time AS
SELECT id, driver, departs,
       departs - max(arrives) OVER (
         PARTITION BY driver ORDER BY departs ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS rest
FROM trip;

-- Which shipments were accepted but never scanned anywhere?
CREATE VIEW lost_shipment AS
SELECT s.id, s.accepted, (s.recipient).city AS city
FROM shipment s
WHERE s.delivered IS NULL AND NOT EXISTS (SELECT FROM scan x WHERE x.shipment = s.id);

-- How long do shipments stay at each depot?
CREATE VIEW dwell_time AS
SELECT i.depot, avg(o.at - i.at) AS average, count(*) AS shipments
FROM scan i
JOIN scan o ON o.shipment = i.shipment AND o.depot = i.depot AND o.kind = 'out' AND o.at > i.at
WHERE i.kind = 'in'
GROUP BY i.depot;

-- How much goes from which country to which, with totals?
CREATE VIEW trade_lane AS
SELECT (sender).country AS from_country, (recipient).country AS to_country,
       count(*) AS shipments, sum(weight) AS kilograms
FROM shipment
GROUP BY GROUPING SETS (((sender).country, (recipient).country), ((sender).country), ());

-- Which shipments leave the country without a customs declaration?
CREATE VIEW undeclared AS
SELECT s.id
FROM shipment s LEFT JOIN customs_item i ON i.shipment = s.id
WHERE (s.sender).country <> (s.recipient).country AND i.shipment IS NULL;

-- What is declared by chapter of the tariff, with the largest value in each?
CREATE VIEW customs_chapter AS
SELECT left(hs_code, 2) AS chapter, count(*) AS items, sum(value) AS value, max(value) AS largest,
       count(DISTINCT origin) AS origins
FROM customs_item
GROUP BY left(hs_code, 2);

-- What cash does each driver bring home from delivery?
CREATE VIEW cash_collected AS
SELECT t.driver, (s.delivered AT TIME ZONE 'UTC')::date AS day, sum(s.cash_on_delivery) AS cash
FROM shipment s
JOIN loading l ON l.shipment = s.id
JOIN trip t ON t.id = l.trip
WHERE s.delivered IS NOT NULL AND s.cash_on_delivery > 0
GROUP BY 1, 2;

-- Which vehicles stand at a depot now: the last trip ended there or none was made?
CREATE VIEW fleet_position AS
SELECT v.plate, v.kind, coalesce(l.destination, v.depot) AS depot, l.arrives AS since
FROM vehicle v
LEFT JOIN LATERAL (
  SELECT destination, arrives FROM trip t WHERE t.vehicle = v.plate ORDER BY departs DESC LIMIT 1) l
  ON true;

-- What is due for delivery today and not yet on a trip?
CREATE VIEW due_today AS
SELECT s.id, (s.recipient).postcode, s.weight
FROM shipment s
WHERE s.promised::date = current_date
  AND s.delivered IS NULL
  AND s.id NOT IN (SELECT shipment FROM loading);

-- Which five legs carry most?
CREATE VIEW busiest_leg AS
SELECT t.origin, t.destination, count(*) AS shipments, sum(s.weight) AS kilograms
FROM trip t
JOIN loading l ON l.trip = t.id
JOIN shipment s ON s.id = l.shipment
GROUP BY t.origin, t.destination
ORDER BY kilograms DESC, t.origin, t.destination
FETCH FIRST 5 ROWS WITH TIES;
