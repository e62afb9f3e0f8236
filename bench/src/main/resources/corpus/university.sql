-- A university: programmes, courses with prerequisites, enrolments, exams, rooms and timetables.
CREATE SCHEMA university;
SET search_path = university;

CREATE TABLE faculty (
  id   integer PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE lecturer (
  id      integer PRIMARY KEY,
  name    text NOT NULL,
  faculty integer NOT NULL REFERENCES faculty,
  hours   integer NOT NULL
);

CREATE TABLE programme (
  code    text PRIMARY KEY,
  title   text NOT NULL,
  faculty integer NOT NULL REFERENCES faculty,
  credits integer NOT NULL
);

CREATE TABLE student (
  number    integer PRIMARY KEY,
  name      text NOT NULL,
  programme text NOT NULL REFERENCES programme,
  started   date NOT NULL,
  left_on   date
);

CREATE TABLE course (
  code    text PRIMARY KEY,
  title   text NOT NULL,
  credits integer NOT NULL,
  faculty integer NOT NULL REFERENCES faculty,
  summary text
);

CREATE TABLE requires (
  course text NOT NULL REFERENCES course,
  prior  text NOT NULL REFERENCES course,
  PRIMARY KEY (course, prior)
);

CREATE TABLE mandatory (
  programme text NOT NULL REFERENCES programme,
  course    text NOT NULL REFERENCES course,
  term      integer NOT NULL,
  PRIMARY KEY (programme, course)
);

CREATE TABLE offering (
  id       integer PRIMARY KEY,
  course   text NOT NULL REFERENCES course,
  term     text NOT NULL,
  lecturer integer REFERENCES lecturer,
  capacity integer NOT NULL
);

CREATE TABLE enrolment (
  student  integer NOT NULL REFERENCES student,
  offering integer NOT NULL REFERENCES offering,
  at       timestamptz NOT NULL,
  PRIMARY KEY (student, offering)
);

CREATE TABLE exam (
  student  integer NOT NULL REFERENCES student,
  offering integer NOT NULL REFERENCES offering,
  attempt  integer NOT NULL,
  grade    numeric(2,1),
  held_on  date NOT NULL,
  PRIMARY KEY (student, offering, attempt)
);

CREATE TABLE room (
  name  text PRIMARY KEY,
  seats integer NOT NULL,
  equipment text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE slot (
  offering integer NOT NULL REFERENCES offering,
  room     text NOT NULL REFERENCES room,
  weekday  integer NOT NULL,
  hours    int4range NOT NULL,
  PRIMARY KEY (offering, weekday, hours)
);

CREATE TABLE evaluation (
  offering integer NOT NULL REFERENCES offering,
  answers  jsonb NOT NULL
);

CREATE INDEX ON student (programme);
CREATE INDEX ON offering (course);
CREATE INDEX ON enrolment (offering);
CREATE INDEX ON exam (offering);
CREATE INDEX ON slot (room);

-- What is the best grade of each student in each course?
CREATE VIEW transcript AS
SELECT e.student, o.course, min(e.grade) AS grade, count(*) AS attempts
FROM exam e JOIN offering o ON o.id = e.offering
WHERE e.grade IS NOT NULL
GROUP BY e.student, o.course;

-- How many credits has each student earned, and with which weighted mean?
CREATE VIEW progress AS
SELECT t.student, sum(c.credits) AS credits,
       round(sum(t.grade * c.credits) / sum(c.credits), 2) AS mean
FROM transcript t JOIN course c ON c.code = t.course
WHERE t.grade <= 4.0
GROUP BY t.student;

-- Who can graduate: enough credits and all mandatory courses passed?
CREATE VIEW graduand AS
SELECT s.number, s.name, p.credits, p.mean
FROM student s
JOIN programme g ON g.code = s.programme
JOIN progress p ON p.student = s.number AND p.credits >= g.credits
WHERE NOT EXISTS (
  SELECT FROM mandatory m
  WHERE m.programme = s.programme
    AND m.course NOT IN (
      SELECT t.course FROM transcript t WHERE t.student = s.number AND t.grade <= 4.0));

-- Who sits in a course without having passed what it requires?
CREATE VIEW missing_prerequisite AS
SELECT e.student, o.course, r.prior
FROM enrolment e
JOIN offering o ON o.id = e.offering
JOIN requires r ON r.course = o.course
LEFT JOIN transcript t ON t.student = e.student AND t.course = r.prior AND t.grade <= 4.0
WHERE t.student IS NULL;

-- Which courses does each course rest on, directly or not?
CREATE VIEW all_prerequisites AS
WITH RECURSIVE closure (course, prior) AS (
  SELECT course, prior FROM requires
  UNION
  SELECT c.course, r.prior FROM closure c JOIN requires r ON r.course = c.prior
)
SELECT course, prior FROM closure;

-- Which courses require each other in a circle, by mistake?
CREATE VIEW circular_requirement AS
WITH RECURSIVE walk (course, prior) AS (
  SELECT course, prior FROM requires
  UNION ALL
  SELECT w.course, r.prior FROM walk w JOIN requires r ON r.course = w.prior
) CYCLE prior SET is_cycle USING path
SELECT DISTINCT course FROM walk WHERE course = prior;

-- How full is each offering, and how long is the queue?
CREATE VIEW occupancy AS
SELECT o.id, o.course, o.term, o.capacity, count(e.student) AS enrolled,
       greatest(count(e.student) - o.capacity, 0) AS waiting
FROM offering o LEFT JOIN enrolment e ON e.offering = o.id
GROUP BY o.id;

-- Who has a place and who waits, first come first served?
CREATE VIEW admission AS
SELECT e.offering, e.student,
       row_number() OVER (PARTITION BY e.offering ORDER BY e.at, e.student) AS place,
       row_number() OVER (PARTITION BY e.offering ORDER BY e.at, e.student) <= o.capacity AS admitted
FROM enrolment e JOIN offering o ON o.id = e.offering;

-- Which offerings share a room at the same time?
CREATE VIEW room_conflict AS
SELECT a.room, a.weekday, a.offering, b.offering AS other
FROM slot a
JOIN slot b ON b.room = a.room AND b.weekday = a.weekday AND b.offering > a.offering
  AND b.hours && a.hours;

-- Which students have two lectures at once?
CREATE VIEW timetable_conflict AS
SELECT x.student, a.weekday, x.offering, y.offering AS other
FROM enrolment x
JOIN enrolment y ON y.student = x.student AND y.offering > x.offering
JOIN slot a ON a.offering = x.offering
JOIN slot b ON b.offering = y.offering AND b.weekday = a.weekday AND b.hours && a.hours;

-- How are grades distributed in each offering?
CREATE VIEW grade_distribution AS
SELECT offering,
       count(*) FILTER (WHERE grade < 2) AS very_good,
       count(*) FILTER (WHERE grade >= 2 AND grade < 3) AS good,
       count(*) FILTER (WHERE grade >= 3 AND grade <= 4) AS passed,
       count(*) FILTER (WHERE grade > 4) AS failed,
       round(stddev_pop(grade), 2) AS spread
FROM exam
GROUP BY offering;

-- Where does each student stand within the programme?
CREATE VIEW ranking AS
SELECT s.programme, s.number, p.mean,
       rank() OVER w AS place,
       round(percent_rank() OVER w * 100) AS percentile,
       ntile(4) OVER w AS quartile
FROM student s JOIN progress p ON p.student = s.number
WINDOW w AS (PARTITION BY s.programme ORDER BY p.mean);

-- Which lecturers teach more hours than they owe?
CREATE VIEW overtime AS
SELECT l.id, l.name, l.hours, sum(upper(s.hours) - lower(s.hours)) AS teaches
FROM lecturer l
JOIN offering o ON o.lecturer = l.id AND o.term = '2026W'
JOIN slot s ON s.offering = o.id
GROUP BY l.id
HAVING sum(upper(s.hours) - lower(s.hours)) > l.hours;

-- Which lecturers are also enrolled under the same name?
CREATE VIEW lecturer_student AS
SELECT name FROM lecturer
INTERSECT
SELECT name FROM student WHERE left_on IS NULL;

-- Which courses were offered in winter but not in summer?
CREATE VIEW winter_only AS
SELECT course FROM offering WHERE term LIKE '%W'
EXCEPT
SELECT course FROM offering WHERE term LIKE '%S';

-- How many students does each faculty teach, by programme, faculty and in all?
CREATE VIEW student_numbers AS
SELECT f.name AS faculty, p.code AS programme, count(s.number) AS students,
       grouping(f.name, p.code) AS level
FROM faculty f
JOIN programme p ON p.faculty = f.id
LEFT JOIN student s ON s.programme = p.code AND s.left_on IS NULL
GROUP BY ROLLUP (f.name, p.code);

-- Which rooms are large enough and equipped for each offering?
CREATE VIEW suitable_room AS
SELECT o.id, r.name, r.seats
FROM occupancy o JOIN room r ON r.seats >= o.enrolled
WHERE r.equipment @> ARRAY['projector'];

-- What do evaluations say, question by question?
CREATE VIEW evaluation_result AS
SELECT e.offering, a.key AS question, count(*) AS answers, avg(a.value::numeric) AS mean
FROM evaluation e CROSS JOIN LATERAL jsonb_each_text(e.answers) AS a
WHERE a.value ~ '^[1-5]$'
GROUP BY e.offering, a.key;

-- Who failed the same course three times?
CREATE VIEW third_failure AS
SELECT e.student, o.course, max(e.held_on) AS last_attempt
FROM exam e JOIN offering o ON o.id = e.offering
WHERE e.grade > 4.0
GROUP BY e.student, o.course
HAVING count(*) >= 3;

-- How many students dropped out in each term after their start?
CREATE VIEW dropout AS
SELECT programme, (left_on - started) / 182 AS term, count(*) AS students
FROM student s
WHERE left_on IS NOT NULL
  AND NOT EXISTS (SELECT FROM progress p JOIN programme g ON g.credits <= p.credits
                  WHERE p.student = s.number AND g.code = s.programme)
GROUP BY programme, 2;

-- Which courses mention data in title or summary, best match first?
CREATE VIEW data_course AS
SELECT code, title,
       ts_rank(to_tsvector('english'::regconfig, title || ' ' || coalesce(summary, '')),
               to_tsquery('english'::regconfig, 'data')) AS relevance
FROM course
WHERE to_tsvector('english'::regconfig, title || ' ' || coalesce(summary, ''))
      @@ to_tsquery('english'::regconfig, 'data')
ORDER BY relevance DESC
LIMIT 20;
