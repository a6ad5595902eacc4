-- Slots for one round of pgbench, made by Rust. Text, since that is what pgbench's variables hold.
drop table if exists public.slots;
create table public.slots (
  n          bigint primary key,
  tenant     text not null,
  sede       text not null,
  mascota    text not null,
  servicio   text not null,
  medico     text not null,
  ambiente   text not null,
  inicio     text not null,
  fin        text not null,
  hasta      text not null,
  cita       text not null,
  auditorias text not null,
  sedes      text not null,
  citas      text not null,
  medicos    text not null,
  ambientes  text not null,
  despues    text not null,
  cuerpos    text not null,
  equipos    text not null,
  eco        text not null
);
