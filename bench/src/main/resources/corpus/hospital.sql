-- A hospital: patients, stays in wards and beds, staff and shifts, diagnoses, medication, theatre.
CREATE SCHEMA hospital;
SET search_path = hospital;

CREATE TYPE blood AS ENUM ('0-', '0+', 'A-', 'A+', 'B-', 'B+', 'AB-', 'AB+');

CREATE TABLE ward (
  id       integer PRIMARY KEY,
  name     text NOT NULL,
  specialty text NOT NULL,
  beds     integer NOT NULL
);

CREATE TABLE patient (
  id        bigint PRIMARY KEY,
  name      text NOT NULL,
  born      date NOT NULL,
  sex       char(1),
  blood     blood,
  allergies text[] NOT NULL DEFAULT '{}',
  died      date
);

CREATE TABLE staff (
  id    integer PRIMARY KEY,
  name  text NOT NULL,
  role  text NOT NULL,
  ward  integer REFERENCES ward
);

CREATE TABLE stay (
  id        bigint PRIMARY KEY,
  patient   bigint NOT NULL REFERENCES patient,
  admitted  timestamptz NOT NULL,
  discharged timestamptz,
  emergency boolean NOT NULL
);

CREATE TABLE bed_use (
  stay   bigint NOT NULL REFERENCES stay,
  ward   integer NOT NULL REFERENCES ward,
  bed    integer NOT NULL,
  during tstzrange NOT NULL
);

CREATE TABLE diagnosis (
  stay    bigint NOT NULL REFERENCES stay,
  code    text NOT NULL,
  main    boolean NOT NULL,
  PRIMARY KEY (stay, code)
);

CREATE TABLE icd (
  code   text PRIMARY KEY,
  parent text REFERENCES icd,
  title  text NOT NULL
);

CREATE TABLE drug (
  id         integer PRIMARY KEY,
  name       text NOT NULL,
  substances text[] NOT NULL,
  max_daily  numeric
);

CREATE TABLE interaction (
  a integer NOT NULL REFERENCES drug,
  b integer NOT NULL REFERENCES drug,
  severity smallint NOT NULL,
  PRIMARY KEY (a, b)
);

CREATE TABLE prescription (
  id     bigint PRIMARY KEY,
  stay   bigint NOT NULL REFERENCES stay,
  drug   integer NOT NULL REFERENCES drug,
  doctor integer NOT NULL REFERENCES staff,
  dose   numeric NOT NULL,
  per_day integer NOT NULL,
  days   daterange NOT NULL
);

CREATE TABLE vital (
  stay  bigint NOT NULL REFERENCES stay,
  at    timestamptz NOT NULL,
  pulse integer,
  systolic integer,
  temperature numeric(3,1),
  PRIMARY KEY (stay, at)
);

CREATE TABLE operation (
  id      bigint PRIMARY KEY,
  stay    bigint NOT NULL REFERENCES stay,
  theatre integer NOT NULL,
  surgeon integer NOT NULL REFERENCES staff,
  began   timestamptz NOT NULL,
  ended   timestamptz
);

CREATE TABLE shift (
  staff  integer NOT NULL REFERENCES staff,
  ward   integer NOT NULL REFERENCES ward,
  day    date NOT NULL,
  night  boolean NOT NULL,
  PRIMARY KEY (staff, day)
);

CREATE INDEX ON stay (patient);
CREATE INDEX ON bed_use (stay);
CREATE INDEX ON bed_use (ward);
CREATE INDEX ON prescription (stay);
CREATE INDEX ON operation (surgeon);
CREATE INDEX ON shift (ward, day);

-- Who lies in which bed now?
CREATE VIEW bed_plan AS
SELECT w.name AS ward, u.bed, p.name AS patient, s.admitted
FROM bed_use u
JOIN ward w ON w.id = u.ward
JOIN stay s ON s.id = u.stay
JOIN patient p ON p.id = s.patient
WHERE upper_inf(u.during);

-- How many beds are free in each ward?
CREATE VIEW free_beds AS
SELECT w.id, w.name, w.beds - count(u.stay) AS free
FROM ward w LEFT JOIN bed_use u ON u.ward = w.id AND upper_inf(u.during)
GROUP BY w.id;

-- How long do patients stay, by kind of admission?
CREATE VIEW length_of_stay AS
SELECT emergency, count(*) AS stays, avg(discharged - admitted) AS average,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY discharged - admitted) AS median
FROM stay
WHERE discharged IS NOT NULL
GROUP BY emergency;

-- Who came back within thirty days?
CREATE VIEW readmission AS
SELECT b.id, b.patient, b.admitted, b.admitted - a.discharged AS after
FROM stay a
JOIN stay b ON b.patient = a.patient AND b.admitted > a.discharged
  AND b.admitted <= a.discharged + interval '30 days';

-- How large is the share of readmissions by main diagnosis?
CREATE VIEW readmission_rate AS
SELECT d.code, count(*) AS stays,
       count(*) FILTER (WHERE EXISTS (SELECT FROM readmission r WHERE r.id = s.id)) AS readmitted
FROM stay s JOIN diagnosis d ON d.stay = s.id AND d.main
GROUP BY d.code;

-- How many cases fall into each chapter of the classification, subcodes included?
CREATE VIEW cases_by_chapter AS
WITH RECURSIVE chapter AS (
  SELECT code, code AS top FROM icd WHERE parent IS NULL
  UNION ALL
  SELECT i.code, c.top FROM icd i JOIN chapter c ON i.parent = c.code)
SELECT c.top, i.title, count(*) AS cases
FROM diagnosis d
JOIN chapter c ON c.code = d.code
JOIN icd i ON i.code = c.top
GROUP BY c.top, i.title;

-- Which patients get drugs that do not go together?
CREATE VIEW dangerous_combination AS
SELECT x.stay, a.name AS drug, b.name AS other, i.severity
FROM prescription x
JOIN prescription y ON y.stay = x.stay AND y.days && x.days
JOIN interaction i ON i.a = x.drug AND i.b = y.drug
JOIN drug a ON a.id = i.a
JOIN drug b ON b.id = i.b;

-- Who is prescribed something that contains a known allergen?
CREATE VIEW allergy_alert AS
SELECT p.id, p.name, d.name AS drug
FROM prescription r
JOIN stay s ON s.id = r.stay
JOIN patient p ON p.id = s.patient
JOIN drug d ON d.id = r.drug
WHERE d.substances && p.allergies;

-- Which prescriptions exceed the daily maximum?
CREATE VIEW overdose AS
SELECT r.id, r.stay, d.name, r.dose * r.per_day AS daily, d.max_daily
FROM prescription r JOIN drug d ON d.id = r.drug
WHERE r.dose * r.per_day > d.max_daily;

-- What was measured last on every patient still here?
CREATE VIEW current_vitals AS
SELECT DISTINCT ON (v.stay) v.stay, v.at, v.pulse, v.systolic, v.temperature
FROM vital v JOIN stay s ON s.id = v.stay
WHERE s.discharged IS NULL
ORDER BY v.stay, v.at DESC;

-- Whose temperature has risen over the last three measurements?
CREATE VIEW rising_fever AS
SELECT stay, at, temperature
FROM (
  SELECT stay, at, temperature,
         lag(temperature) OVER w AS before, lag(temperature, 2) OVER w AS long_before
  FROM vital WINDOW w AS (PARTITION BY stay ORDER BY at)) v
WHERE temperature > before AND before > long_before AND temperature >= 38;

-- How did each patient's pulse move against the mean of the day before?
CREATE VIEW pulse_trend AS
SELECT stay, at, pulse,
       pulse - avg(pulse) OVER (
         PARTITION BY stay ORDER BY at
         RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 second' PRECEDING) AS against_mean
FROM vital;

-- How many hours does each surgeon operate in a month?
CREATE VIEW surgeon_hours AS
SELECT s.name, date_trunc('month', o.began AT TIME ZONE 'UTC') AS month,
       count(*) AS operations, sum(o.ended - o.began) AS hours
FROM operation o JOIN staff s ON s.id = o.surgeon
WHERE o.ended IS NOT NULL
GROUP BY s.id, s.name, 2;

-- Which theatre was idle for how long between two operations?
CREATE VIEW theatre_gap AS
SELECT theatre, ended AS idle_from, next_began - ended AS idle
FROM (
  SELECT theatre, ended, lead(began) OVER (PARTITION BY theatre ORDER BY began) AS next_began
  FROM operation) o
WHERE next_began > ended;

-- Which days lack a nurse at night in a ward?
CREATE VIEW uncovered_night AS
SELECT w.id AS ward, d.day::date AS day
FROM ward w
CROSS JOIN generate_series(date '2026-11-01', date '2026-11-30', interval '1 day') AS d (day)
WHERE NOT EXISTS (
  SELECT FROM shift h JOIN staff s ON s.id = h.staff
  WHERE h.ward = w.id AND h.day = d.day::date AND h.night AND s.role = 'nurse');

-- Who worked a day shift right after a night shift?
CREATE VIEW short_rest AS
SELECT n.staff, n.day AS night, d.day AS next_day
FROM shift n JOIN shift d ON d.staff = n.staff AND d.day = n.day + 1
WHERE n.night AND NOT d.night;

-- How many patients and staff does each ward have, wards or staff without the other included?
CREATE VIEW ward_balance AS
SELECT coalesce(p.ward, s.ward) AS ward, coalesce(p.patients, 0) AS patients,
       coalesce(s.staff, 0) AS staff
FROM (SELECT ward, count(*) AS patients FROM bed_use WHERE upper_inf(during) GROUP BY ward) p
FULL JOIN (SELECT ward, count(*) AS staff FROM staff WHERE ward IS NOT NULL GROUP BY ward) s
  ON s.ward = p.ward;

-- How old are our patients, by decade and sex?
CREATE VIEW age_pyramid AS
SELECT extract(decade FROM born) * 10 AS decade,
       count(*) FILTER (WHERE sex = 'f') AS women,
       count(*) FILTER (WHERE sex = 'm') AS men,
       count(*) FILTER (WHERE sex IS NULL OR sex NOT IN ('f', 'm')) AS others
FROM patient
WHERE died IS NULL
GROUP BY 1;

-- Which patients had every main diagnosis of heart disease confirmed by a second stay?
CREATE VIEW confirmed_heart_disease AS
SELECT s.patient, d.code, count(DISTINCT s.id) AS stays
FROM stay s JOIN diagnosis d ON d.stay = s.id
WHERE d.code LIKE 'I%' AND d.main
GROUP BY s.patient, d.code
HAVING count(DISTINCT s.id) >= 2;

-- When was each bed occupied, as one set of ranges?
CREATE VIEW bed_occupation AS
SELECT ward, bed, range_agg(during) AS occupied
FROM bed_use
GROUP BY ward, bed;

-- Which doctors prescribe more antibiotics than the average doctor?
CREATE VIEW antibiotic_prescriber AS
WITH count_by_doctor AS (
  SELECT r.doctor, count(*) AS prescriptions
  FROM prescription r JOIN drug d ON d.id = r.drug
  WHERE 'antibiotic' = ANY (d.substances)
  GROUP BY r.doctor)
SELECT doctor, prescriptions
FROM count_by_doctor
WHERE prescriptions > (SELECT avg(prescriptions) FROM count_by_doctor);

-- What does the discharge letter contain for each stay?
CREATE VIEW discharge_letter AS
SELECT s.id, p.name,
       (SELECT string_agg(d.code, ', ' ORDER BY d.main DESC, d.code)
        FROM diagnosis d WHERE d.stay = s.id) AS diagnoses,
       (SELECT jsonb_agg(jsonb_build_object('drug', g.name, 'dose', r.dose) ORDER BY r.id)
        FROM prescription r JOIN drug g ON g.id = r.drug WHERE r.stay = s.id) AS medication
FROM stay s JOIN patient p ON p.id = s.patient
WHERE s.discharged IS NOT NULL;
