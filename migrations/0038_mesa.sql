-- Owners who book themselves prove an address or a phone.
set local role huella_owner;
set local search_path = huella, public;

-- By which way a code went. What is in correo_indice and correo_sellado, also of autoreservas, is whatever it went to: the blind
-- indexes of an address and of a phone are of two kinds and never the same.
alter table autoreserva_sesiones add column canal text not null default 'correo' check (canal in ('correo', 'telefono'));
comment on column autoreserva_sesiones.correo_indice is 'of the address or the phone that the code went to, see canal';
comment on column autoreservas.correo_indice is 'of the address or the phone that its owner proved';

reset role;
