-- To whom a chain's anchor goes each day: a mailbox that whoever owns the database and the file store does not own.
set local role huella_owner;
set local search_path = huella, public;

alter table correos_ajustes add column anclas_a text check (length(anclas_a) between 3 and 254);   -- null: to nobody

reset role;
