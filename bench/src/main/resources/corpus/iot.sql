-- Telemetry: sites, devices, their sensors, readings in partitions by time, alerts and firmware.
CREATE SCHEMA iot;
SET search_path = iot;

CREATE TABLE site (
  id       integer PRIMARY KEY,
  name     text NOT NULL,
  location point,
  zone     text NOT NULL DEFAULT 'UTC'
);

CREATE TABLE device (
  id        bigint PRIMARY KEY,
  site      integer NOT NULL REFERENCES site,
  model     text NOT NULL,
  firmware  text NOT NULL,
  address   inet,
  installed timestamptz NOT NULL,
  retired   timestamptz,
  settings  jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE sensor (
  id     bigint PRIMARY KEY,
  device bigint NOT NULL REFERENCES device,
  kind   text NOT NULL,
  unit   text NOT NULL,
  valid  numrange
);

CREATE TABLE reading (
  sensor bigint NOT NULL,
  at     timestamptz NOT NULL,
  value  double precision,
  flags  integer NOT NULL DEFAULT 0,
  PRIMARY KEY (sensor, at)
) PARTITION BY RANGE (at);

CREATE TABLE reading_2026_10 PARTITION OF reading
  FOR VALUES FROM ('2026-10-01 00:00+00') TO ('2026-11-01 00:00+00');
CREATE TABLE reading_2026_11 PARTITION OF reading
  FOR VALUES FROM ('2026-11-01 00:00+00') TO ('2026-12-01 00:00+00');
CREATE TABLE reading_rest PARTITION OF reading DEFAULT;

CREATE TABLE counter_reading (
  device bigint NOT NULL REFERENCES device,
  at     timestamptz NOT NULL,
  kwh    numeric(12,3) NOT NULL,
  PRIMARY KEY (device, at)
);

CREATE TABLE alert (
  id       bigint PRIMARY KEY,
  sensor   bigint NOT NULL REFERENCES sensor,
  severity smallint NOT NULL,
  raised   timestamptz NOT NULL,
  cleared  timestamptz,
  message  text NOT NULL
);

CREATE TABLE heartbeat (
  device bigint NOT NULL,
  at     timestamptz NOT NULL,
  rssi   integer
);

CREATE TABLE maintenance (
  device bigint NOT NULL REFERENCES device,
  during tstzrange NOT NULL,
  worker text NOT NULL
);

CREATE INDEX ON device (site);
CREATE INDEX ON sensor (device);
CREATE INDEX ON reading (at);
CREATE INDEX ON alert (sensor);
CREATE INDEX ON heartbeat (device, at);
CREATE INDEX ON maintenance USING gist (during);

-- How did each sensor behave, hour by hour?
CREATE VIEW hourly AS
SELECT sensor, date_trunc('hour', at, 'UTC') AS hour,
       count(value) AS readings, avg(value) AS average, min(value) AS lowest, max(value) AS highest
FROM reading
GROUP BY sensor, date_trunc('hour', at, 'UTC');

-- What does each sensor show now?
CREATE VIEW latest AS
SELECT DISTINCT ON (sensor) sensor, at, value
FROM reading
ORDER BY sensor, at DESC;

-- What is the mean of each sensor over its last ten readings?
CREATE VIEW moving_average AS
SELECT sensor, at, value,
       avg(value) OVER (PARTITION BY sensor ORDER BY at ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS mean
FROM reading;

-- How much energy did each device use a day, from counters that only grow?
CREATE VIEW daily_energy AS
SELECT device, day, max(kwh) - min(kwh) AS kwh
FROM (SELECT device, (at AT TIME ZONE 'UTC')::date AS day, kwh FROM counter_reading) c
GROUP BY device, day;

-- Where did a counter run backwards, because a device was swapped?
CREATE VIEW counter_reset AS
SELECT device, at, kwh, before
FROM (
  SELECT device, at, kwh, lag(kwh) OVER (PARTITION BY device ORDER BY at) AS before
  FROM counter_reading) c
WHERE kwh < before;

-- Which readings lie outside the range that is valid for their sensor?
CREATE VIEW out_of_range AS
SELECT r.sensor, r.at, r.value, s.valid
FROM reading r JOIN sensor s ON s.id = r.sensor
WHERE s.valid IS NOT NULL AND NOT s.valid @> r.value::numeric;

-- Which alerts are open, with device and site?
CREATE VIEW open_alert AS
SELECT a.id, a.severity, a.raised, a.message, s.kind, d.id AS device, t.name AS site
FROM alert a
JOIN sensor s ON s.id = a.sensor
JOIN device d ON d.id = s.device
JOIN site t ON t.id = d.site
WHERE a.cleared IS NULL;

-- How many alerts of each severity are open at each site, sites without one included?
CREATE VIEW site_status AS
SELECT t.id, t.name,
       count(a.id) FILTER (WHERE a.severity >= 3) AS critical,
       count(a.id) FILTER (WHERE a.severity < 3) AS minor,
       min(a.raised) AS oldest
FROM site t
LEFT JOIN device d ON d.site = t.id
LEFT JOIN sensor s ON s.device = d.id
LEFT JOIN alert a ON a.sensor = s.id AND a.cleared IS NULL
GROUP BY t.id, t.name;

-- Which devices are silent: no heartbeat within ten minutes?
CREATE VIEW silent_device AS
SELECT d.id, d.site, d.model
FROM device d
WHERE d.retired IS NULL
  AND NOT EXISTS (
    SELECT FROM heartbeat h WHERE h.device = d.id AND h.at > now() - interval '10 minutes');

-- What was read during the last hour?
CREATE VIEW recent_reading AS
SELECT sensor, at, value FROM reading WHERE at >= now() - interval '1 hour';

-- What were mean and spread of each sensor during the last day?
CREATE VIEW last_day AS
SELECT sensor, count(*) AS readings, avg(value) AS mean, stddev_pop(value) AS spread
FROM reading
WHERE at > now() - interval '1 day'
GROUP BY sensor;

-- Which quartiles do a sensor's readings have?
CREATE VIEW sensor_quartile AS
SELECT sensor, percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY value) AS quartiles,
       mode() WITHIN GROUP (ORDER BY flags) AS usual_flags
FROM reading
GROUP BY sensor;

-- Do temperature and humidity of a device move together?
CREATE VIEW climate_correlation AS
SELECT t.device, corr(x.value, y.value) AS correlation, regr_slope(y.value, x.value) AS slope,
       regr_count(y.value, x.value) AS pairs
FROM sensor t
JOIN sensor h ON h.device = t.device AND h.kind = 'humidity'
JOIN reading x ON x.sensor = t.id
JOIN reading y ON y.sensor = h.id AND y.at = x.at
WHERE t.kind = 'temperature'
GROUP BY t.device;

-- Which flags were ever set by a sensor, and which always?
CREATE VIEW flag_summary AS
SELECT sensor, bit_or(flags) AS ever, bit_and(flags) AS always, count(DISTINCT flags) AS patterns
FROM reading
GROUP BY sensor;

-- When did each device begin and end to be online, as sessions of heartbeats?
CREATE VIEW online_session AS
SELECT device, session, min(at) AS began, max(at) AS ended, count(*) AS beats
FROM (
  SELECT device, at, sum(starts) OVER (PARTITION BY device ORDER BY at) AS session
  FROM (
    SELECT device, at,
           CASE WHEN at - lag(at) OVER (PARTITION BY device ORDER BY at) < interval '5 minutes'
                THEN 0 ELSE 1 END AS starts
    FROM heartbeat) b) s
GROUP BY device, session;

-- Which alerts were raised while somebody worked on the device?
CREATE VIEW alert_in_maintenance AS
SELECT a.id, a.raised, m.worker
FROM alert a
JOIN sensor s ON s.id = a.sensor
JOIN maintenance m ON m.device = s.device AND m.during @> a.raised;

-- Which firmware versions are in the field, model by model?
CREATE VIEW firmware_census AS
SELECT model, firmware, count(*) AS devices
FROM device
WHERE retired IS NULL
GROUP BY GROUPING SETS ((model, firmware), (model), ());

-- Which devices do not run the newest firmware of their model?
CREATE VIEW outdated_device AS
SELECT d.id, d.model, d.firmware
FROM device d
WHERE d.retired IS NULL
  AND string_to_array(d.firmware, '.')::int[] < (
    SELECT max(string_to_array(n.firmware, '.')::int[]) FROM device n WHERE n.model = d.model);

-- Which devices report more often than the settings ask for?
CREATE VIEW chatty_device AS
SELECT d.id, (d.settings ->> 'interval_s')::int AS asked,
       extract(epoch FROM max(h.at) - min(h.at)) / nullif(count(*) - 1, 0) AS actual
FROM device d JOIN heartbeat h ON h.device = d.id
WHERE d.settings ? 'interval_s'
GROUP BY d.id
HAVING extract(epoch FROM max(h.at) - min(h.at))
       < 0.5 * (d.settings ->> 'interval_s')::int * (count(*) - 1);

-- Which devices share a subnet?
CREATE VIEW subnet AS
SELECT network(set_masklen(address, 24)) AS subnet, count(*) AS devices,
       array_agg(id ORDER BY id) AS ids
FROM device
WHERE address IS NOT NULL AND family(address) = 4
GROUP BY 1;

-- How fast does each sensor's value change between readings?
CREATE VIEW rate_of_change AS
SELECT sensor, at,
       (value - lag(value) OVER w) / nullif(extract(epoch FROM at - lag(at) OVER w), 0) AS per_second
FROM reading
WINDOW w AS (PARTITION BY sensor ORDER BY at);

-- Which weak devices have a signal below the median of their site?
CREATE VIEW weak_signal AS
WITH signal AS (
  SELECT h.device, d.site, avg(h.rssi) AS rssi
  FROM heartbeat h JOIN device d ON d.id = h.device
  GROUP BY h.device, d.site)
SELECT s.device, s.site, s.rssi
FROM signal s
JOIN (SELECT site, percentile_disc(0.5) WITHIN GROUP (ORDER BY rssi) AS median
      FROM signal GROUP BY site) m USING (site)
WHERE s.rssi < m.median;

-- How many sensors of each kind does each site have, as columns?
CREATE VIEW sensor_matrix AS
SELECT d.site,
       sum(CASE WHEN s.kind = 'temperature' THEN 1 ELSE 0 END) AS temperature,
       sum(CASE WHEN s.kind = 'humidity' THEN 1 ELSE 0 END) AS humidity,
       sum(CASE WHEN s.kind NOT IN ('temperature', 'humidity') THEN 1 ELSE 0 END) AS other
FROM sensor s JOIN device d ON d.id = s.device
GROUP BY d.site;
