-- Owners and pets of a chain, shared by its sedes.
set local role huella_owner;
set local search_path = huella, public;

create table especies (
  tenant_id uuid not null default tenant_actual() references tenants,
  id        uuid not null,
  clave     text not null check (clave ~ '^[a-z0-9_]{2,40}$'),
  nombre    text not null check (length(nombre) between 1 and 60),
  activa    boolean not null default true,
  version   integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, clave)
);
call proteger('especies', 'tenant', 'select, insert, update');

create table razas (
  tenant_id  uuid not null default tenant_actual(),
  id         uuid not null,
  especie_id uuid not null,
  nombre     text not null check (length(nombre) between 1 and 60),
  peligrosa  boolean not null default false,    -- Ley 27596
  activa     boolean not null default true,
  version    integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, especie_id, id),
  unique (tenant_id, especie_id, nombre),
  foreign key (tenant_id, especie_id) references especies
);
call proteger('razas', 'tenant', 'select, insert, update');

-- Document, phone, e-mail and address are AES-256-GCM under the person's key (claves_personales);
-- the *_indice columns are HMAC blind indexes of the normalised value, for exact search.
create table tutores (
  tenant_id         uuid not null default tenant_actual() references tenants,
  id                uuid not null,
  nombres           text not null check (length(nombres) between 1 and 120),
  apellidos         text not null default '' check (length(apellidos) <= 120),
  documento_tipo    text check (documento_tipo in ('dni', 'ce', 'ruc', 'pasaporte', 'ptp')),
  documento_cifrado bytea,
  documento_indice  bytea,
  telefono_cifrado  bytea,
  telefono_indice   bytea,
  telefono_final    bytea,                      -- blind index of the last six digits
  correo_cifrado    bytea,
  correo_indice     bytea,
  direccion_cifrada bytea,
  ubigeo            text check (ubigeo ~ '^[0-9]{6}$'),
  notas             text check (length(notas) <= 2000),
  version           integer not null default 1,
  creado_en         timestamptz not null,
  actualizado_en    timestamptz not null,
  primary key (tenant_id, id)
);
create unique index tutores_documento on tutores (tenant_id, documento_indice) where documento_indice is not null;
create index on tutores (tenant_id, telefono_indice) where telefono_indice is not null;
create index on tutores (tenant_id, telefono_final) where telefono_final is not null;
create index on tutores (tenant_id, correo_indice) where correo_indice is not null;
call proteger('tutores', 'tenant', 'select, insert, update');

create table mascotas (
  tenant_id           uuid not null default tenant_actual() references tenants,
  id                  uuid not null,
  nombre              text not null check (length(nombre) between 1 and 80),
  especie_id          uuid not null,
  raza_id             uuid,
  sexo                text not null check (sexo in ('macho', 'hembra', 'desconocido')),
  esterilizado        boolean,
  nacimiento          date,
  nacimiento_estimado boolean not null default false,
  color               text check (length(color) <= 80),
  foto                text,                     -- object key in the file store
  notas               text check (length(notas) <= 2000),
  fallecida_en        date,
  fallecida_causa     text,
  version             integer not null default 1,
  creado_en           timestamptz not null,
  actualizado_en      timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, especie_id) references especies,
  foreign key (tenant_id, especie_id, raza_id) references razas (tenant_id, especie_id, id)
);
call proteger('mascotas', 'tenant', 'select, insert, update');

-- Several identifiers per pet; a microchip (ISO 11784, 15 digits) or tag names one pet in the chain.
create table mascotas_identificadores (
  tenant_id  uuid not null default tenant_actual(),
  mascota_id uuid not null,
  tipo       text not null check (tipo in ('microchip', 'placa', 'placa_rabia', 'registro_municipal', 'otro')),
  valor      text not null check (length(valor) between 1 and 40),
  normal     text not null,                     -- upper case, letters and digits only
  primary key (tenant_id, mascota_id, tipo, normal),
  foreign key (tenant_id, mascota_id) references mascotas
);
create unique index identificadores_microchip on mascotas_identificadores (tenant_id, normal) where tipo = 'microchip';
create index on mascotas_identificadores (tenant_id, normal);
call proteger('mascotas_identificadores', 'tenant', 'select, insert, delete');

create table tutores_mascotas (
  tenant_id  uuid not null default tenant_actual(),
  id         uuid not null,
  tutor_id   uuid not null,
  mascota_id uuid not null,
  relacion   text not null check (relacion in ('propietario', 'copropietario', 'cuidador')),
  desde      date not null,
  hasta      date,
  primary key (tenant_id, id),
  foreign key (tenant_id, tutor_id) references tutores,
  foreign key (tenant_id, mascota_id) references mascotas,
  check (hasta is null or hasta >= desde)
);
create unique index tutores_mascotas_vigente on tutores_mascotas (tenant_id, mascota_id, tutor_id) where hasta is null;
create unique index un_propietario on tutores_mascotas (tenant_id, mascota_id) where hasta is null and relacion = 'propietario';
create index on tutores_mascotas (tenant_id, tutor_id);
create index on tutores_mascotas (tenant_id, mascota_id);
call proteger('tutores_mascotas', 'tenant', 'select, insert, update');

-- Search: an inverted index of the words of a pet's and its present owners' names (lower case, no accents),
-- read by word (primary key) and by pet (second index); both answer from the index alone.
create table mascotas_palabras (
  tenant_id  uuid not null default tenant_actual(),
  palabra    text not null collate "C",
  fuente     smallint not null check (fuente in (0, 1)),   -- 0 the pet's name, 1 an owner's: pets come first
  mascota_id uuid not null,
  primary key (tenant_id, palabra, fuente, mascota_id),
  foreign key (tenant_id, mascota_id) references mascotas
);
create index mascotas_palabras_mascota on mascotas_palabras (tenant_id, mascota_id, palabra, fuente);
call proteger('mascotas_palabras', 'tenant', 'select, insert, delete');

-- The chain's dictionary. Words are never taken out; one that no pet has any more corrects nothing.
create table palabras (
  tenant_id uuid not null default tenant_actual() references tenants,
  palabra   text not null collate "C",
  primary key (tenant_id, palabra)
);
call proteger('palabras', 'tenant', 'select, insert');

-- How each word sounds, whole and with one letter left out (two, in long words). Words that share a line
-- differ by a slip: a letter more, less, other, or two swapped. A misspelt word is first corrected here, by
-- equality, and then looked up exactly. Trigrams would do worse: short words have too few of them, and their
-- operators are not leak-proof, so row-level security keeps them from using an index.
create table palabras_variantes (
  tenant_id uuid not null default tenant_actual(),
  variante  text not null collate "C",
  palabra   text not null collate "C",
  primary key (tenant_id, variante, palabra),
  foreign key (tenant_id, palabra) references palabras
);
call proteger('palabras_variantes', 'tenant', 'select, insert');

create table pesos (
  tenant_id  uuid not null default tenant_actual(),
  id         uuid not null,
  mascota_id uuid not null,
  sede_id    uuid,                              -- where it was taken, if in a sede
  pesado_en  timestamptz not null,
  kg         numeric(7, 3) not null check (kg > 0 and kg < 1500),
  autor_id   uuid not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, sede_id) references sedes
);
create index on pesos (tenant_id, mascota_id, pesado_en desc, id desc);
call proteger('pesos', 'tenant', 'select, insert');

-- What happened to a pet's record itself: registered, changed owner, identifiers, deceased.
create table mascotas_hechos (
  tenant_id  uuid not null default tenant_actual(),
  id         uuid not null,
  mascota_id uuid not null,
  en         timestamptz not null,
  tipo       text not null check (tipo in ('registro', 'cambio', 'tutor', 'identificador', 'foto')),
  detalle    jsonb not null,
  autor_id   uuid not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas
);
create index on mascotas_hechos (tenant_id, mascota_id, en desc, id desc);
call proteger('mascotas_hechos', 'tenant', 'select, insert');

-- The short form of a pet that other domains may join.
create view v_mascotas with (security_invoker = true) as
  select m.tenant_id, m.id, m.nombre, e.clave as especie, m.fallecida_en,
         (select t.nombres || ' ' || t.apellidos
            from tutores_mascotas tm join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
           where tm.tenant_id = m.tenant_id and tm.mascota_id = m.id and tm.hasta is null
             and tm.relacion = 'propietario') as tutor
    from mascotas m join especies e on e.tenant_id = m.tenant_id and e.id = m.especie_id;
grant select on v_mascotas to huella_app, huella_ro;

reset role;
