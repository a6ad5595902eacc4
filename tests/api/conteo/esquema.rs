//! What the catalogue of PostgreSQL says. Each finder names what is wrong; the last test shows that each can.
use super::{HAS_SEDE, HAS_TENANT, SEDE_SIN_POLITICA, TABLES, names, set};
use huella_tests::Huella;
use std::collections::BTreeSet;

/// Tables without a tenant: the tenants themselves and what belongs to the platform.
const SIN_TENANT: &[&str] = &["auditoria_cursor", "complementos_versiones", "editores", "editores_claves", "feriados", "tenants"];
/// Functions that run as the owner. Each reads or writes one tenant only, by forced row-level security on the
/// owner too; `tenant_por_clave` alone goes from a name to an id.
const SECURITY_DEFINER: &[&str] = &[
    "antecedentes_pasar",
    "autoreserva_de_enlace",
    "autoreserva_sedes",
    "autoreservas_de_red",
    "calendario_abierto",
    "calendario_citas",
    "cita_de_enlace",
    "citas_anular_de_fallecida",
    "citas_conflictos",
    "citas_devolver",
    "citas_pasar",
    "citas_por_venir",
    "citas_que_chocan",
    "citas_traslado",
    "complementos_fallas", // a publisher's own failures in all chains, by policies that show its owner nothing else
    "complementos_fallas_compartidas", // the same, of chains that agreed
    "esperas_retirar_de_fallecida",
    "fusion_seguido",
    "importacion_deshacer",
    "importacion_tocados",
    "mascota_visible",
    "mascotas_en_breve",
    "mascotas_nombres",
    "mascotas_por_clave",
    "medico_deja",
    "medicos_ocupados",
    "oferta_de_enlace",
    "reclamo_de_enlace",
    "recursos_ocupados",
    "retencion_soltar",
    "retenciones_soltar",
    "retenciones_soltar_de_fallecida",
    "subir_version_acceso",
    "subir_version_agenda",
    "subir_version_tenant",
    "subir_versiones_agenda",
    "tenant_por_clave",
    "tutor_sin_palabras",
    "tutor_visible",
    "tutores_sin_mascota",
];
/// Tables that refer to what is the platform's and no chain's.
const CRUZAN: &[&str] = &["complementos_instalaciones", "complementos_versiones", "editores_claves"];
/// Tables about owners or pets that do not ask who may see them, and why.
const SIN_VISIBILIDAD: &[&str] = &[
    "aperturas",         // reviewed by the chain
    "solicitudes_datos", // the privacy desk's, for the whole chain
    "faltas",            // ids and dates, counted for who sees the owner
    "mascotas_palabras", // an index that every change keeps right for all: words and ids
    "tutores_mascotas",  // ids and dates
    "tutores_palabras",  // an index, as that of the pets
];

async fn without_tenant(huella: &Huella) -> BTreeSet<String> {
    names(huella, &format!("{TABLES} and not {HAS_TENANT}")).await
}

async fn unprotected(huella: &Huella) -> BTreeSet<String> {
    names(huella, &format!("{TABLES} and {HAS_TENANT} and not (c.relrowsecurity and c.relforcerowsecurity)")).await
}

/// Policies for the app whose condition, for reading or for writing, is not "this tenant" alone or "this tenant and …".
async fn lax(huella: &Huella) -> BTreeSet<String> {
    const OF_TENANT: &str = r"^\(tenant_id = tenant_actual\(\)\)$|^\(\(tenant_id = tenant_actual\(\)\) AND .*\)$";
    let query = format!(
        "{TABLES} and {HAS_TENANT} and exists (
           select from pg_policies p where p.schemaname = 'huella' and p.tablename = c.relname and p.permissive = 'PERMISSIVE'
              and p.roles && array['huella_app', 'huella_ro', 'public']::name[]
              and (p.qual !~ '{OF_TENANT}' or p.with_check !~ '{OF_TENANT}' or coalesce(p.qual, p.with_check) is null))"
    );
    names(huella, &query).await
}

/// Unique keys and exclusion constraints are checked without row-level security: one that does not start with the
/// tenant tells of others' rows.
async fn telling_keys(huella: &Huella) -> BTreeSet<String> {
    let query = format!(
        "{TABLES} and {HAS_TENANT} and c.relname <> 'outbox' and exists (
           select from pg_index i left join pg_constraint k on k.conindid = i.indexrelid and k.contype = 'x'
            where i.indrelid = c.oid and (i.indisunique or i.indisexclusion)
              and ((select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) is distinct from 'tenant_id'
                   or (select o.oprname from pg_operator o where o.oid = k.conexclop[1]) <> '='))"
    );
    names(huella, &query).await
}

/// Policies of a sede's table whose condition, for reading or for writing, is not "this tenant and this sede".
async fn sede_not_asked(huella: &Huella) -> BTreeSet<String> {
    const OF_SEDE: &str = "((tenant_id = tenant_actual()) AND sede_visible(sede_id))";
    let query = format!(
        "{TABLES} and {HAS_SEDE} and exists (
           select from pg_policies p where p.schemaname = 'huella' and p.tablename = c.relname and p.permissive = 'PERMISSIVE'
              and p.roles && array['huella_app', 'huella_ro', 'public']::name[]
              and (p.qual <> '{OF_SEDE}' or p.with_check <> '{OF_SEDE}' or coalesce(p.qual, p.with_check) is null))"
    );
    names(huella, &query).await
}

async fn crossing_keys(huella: &Huella) -> BTreeSet<String> {
    names(
        huella,
        "select conrelid::regclass::text from pg_constraint k
          where contype = 'f' and connamespace = 'huella'::regnamespace and confrelid <> 'huella.tenants'::regclass
            and not exists (
              select from unnest(k.conkey, k.confkey) pair(here, there)
                join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.here and a.attname = 'tenant_id'
                join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.there and b.attname = 'tenant_id')",
    )
    .await
}

async fn views_of_their_owner(huella: &Huella) -> BTreeSet<String> {
    names(
        huella,
        "select c.relname::text from pg_class c where c.relnamespace = 'huella'::regnamespace and c.relkind in ('v', 'm')
           and (c.relkind = 'm' or not coalesce(c.reloptions @> '{security_invoker=true}', false))",
    )
    .await
}

async fn definer_functions(huella: &Huella) -> BTreeSet<String> {
    names(huella, "select proname::text from pg_proc where pronamespace = 'huella'::regnamespace and prosecdef").await
}

/// Definer functions without a fixed `search_path`, or for everybody.
async fn loose_functions(huella: &Huella) -> BTreeSet<String> {
    names(
        huella,
        "select proname::text from pg_proc where pronamespace = 'huella'::regnamespace and prosecdef
           and (not coalesce(array_to_string(proconfig, ' '), '') like '%search_path=%pg_temp%' or has_function_privilege('public', oid, 'execute'))",
    )
    .await
}

/// What the app's roles may do and should not.
async fn extra_rights(huella: &Huella) -> BTreeSet<String> {
    names(
        huella,
        "select table_name || ' ' || privilege_type from information_schema.role_table_grants
          where table_schema = 'huella' and grantee in ('huella_app', 'huella_ro') and privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES')
         union all
         select table_name || ' ' || privilege_type from information_schema.role_table_grants
          where table_schema = 'huella' and grantee = 'huella_app' and table_name in ('auditoria', 'auditoria_eslabones') and privilege_type in ('UPDATE', 'DELETE')
         union all
         select table_name || ' ' || privilege_type from information_schema.role_table_grants
          where table_schema = 'huella' and grantee = 'huella_ro' and privilege_type <> 'SELECT'
         union all
         select table_name || ' ' || grantee from information_schema.role_table_grants
          where table_schema = 'huella' and grantee in ('PUBLIC', 'huella_servicio')
         union all
         select rolname || ' bypasses' from pg_roles where rolname like 'huella%' and rolname <> 'huella_backup' and (rolbypassrls or rolsuper)
         union all
         select rolname || ' inherits' from pg_roles where rolname = 'huella_servicio' and rolinherit
         union all
         select relname || ' is owned by the app' from pg_class
          where relnamespace = 'huella'::regnamespace and pg_get_userbyid(relowner) in ('huella_app', 'huella_servicio')",
    )
    .await
}

#[tokio::test]
async fn every_table_of_a_tenant_has_forced_row_level_security() {
    let huella = Huella::start().await;
    assert_eq!(without_tenant(&huella).await, set(SIN_TENANT));
    assert_eq!(unprotected(&huella).await, set(&[]), "without forced row-level security");
    assert_eq!(lax(&huella).await, set(&[]), "a policy for the app does not ask for the tenant");
    assert_eq!(telling_keys(&huella).await, set(&[]), "keys that tell of others' rows");
}

#[tokio::test]
async fn every_table_of_a_sede_asks_for_the_sede() {
    let huella = Huella::start().await;
    assert_eq!(sede_not_asked(&huella).await, set(SEDE_SIN_POLITICA));
}

/// Tables of a chain that its full export neither takes along nor leaves behind with a reason.
async fn forgotten(huella: &Huella) -> BTreeSet<String> {
    let all = names(huella, &format!("{TABLES} and {HAS_TENANT}")).await;
    let taken = server::portable::tablas().map(|tabla| tabla.nombre.to_owned());
    let left = server::portable::OMITIDAS.iter().map(|(tabla, _)| (*tabla).to_owned());
    let known: BTreeSet<String> = taken.chain(left).collect();
    let gone: Vec<&String> = known.difference(&all).collect();
    assert!(gone.is_empty(), "declared and not there: {gone:?}");
    &all - &known
}

/// Columns of bytes in exported tables that are neither sealed, an index, nor left behind: nobody could read them.
async fn unreadable(huella: &Huella) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for tabla in server::portable::tablas() {
        let query = format!(
            "select attname::text from pg_attribute where attrelid = 'huella.{}'::regclass and atttypid = 'bytea'::regtype and not attisdropped",
            tabla.nombre
        );
        let told: BTreeSet<&str> = tabla
            .sellos
            .iter()
            .flat_map(|sello| sello.indices.iter().map(|indice| indice.columna).chain([sello.columna]))
            .chain(tabla.omite.iter().copied())
            .collect();
        let columns = names(huella, &query).await;
        found.extend(
            columns.into_iter().filter(|column| !told.contains(column.as_str())).map(|column| format!("{}.{column}", tabla.nombre)),
        );
    }
    found
}

/// What a chain has leaves with it (`PORTABLE` of whoever owns the table), or stays behind with a reason
/// (`server::portable::OMITIDAS`).
#[tokio::test]
async fn every_table_leaves_with_the_chain_or_says_why_not() {
    let huella = Huella::start().await;
    assert_eq!(forgotten(&huella).await, set(&[]));
    assert_eq!(unreadable(&huella).await, set(&[]));
}

/// Tables that refer to owners or pets and whose rows neither a sede nor the rule of who sees whom holds back.
async fn patients_for_all(huella: &Huella) -> BTreeSet<String> {
    let query = format!(
        "{TABLES} and exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f'
                                and k.confrelid in ('huella.tutores'::regclass, 'huella.mascotas'::regclass))
           and not exists (select from pg_policies p where p.schemaname = 'huella' and p.tablename = c.relname
              and p.roles @> array['huella_app', 'huella_ro']::name[]
              and (p.permissive = 'RESTRICTIVE' and p.qual ~ 'pacientes_abiertos' or p.qual ~ 'sede_visible'))"
    );
    names(huella, &query).await
}

#[tokio::test]
async fn every_table_of_patients_asks_who_may_see_them() {
    let huella = Huella::start().await;
    assert_eq!(patients_for_all(&huella).await, set(SIN_VISIBILIDAD));
}

#[tokio::test]
async fn foreign_keys_stay_inside_the_tenant() {
    let huella = Huella::start().await;
    assert_eq!(crossing_keys(&huella).await, set(CRUZAN));
}

#[tokio::test]
async fn views_run_as_the_reader_and_definer_functions_are_known() {
    let huella = Huella::start().await;
    assert_eq!(views_of_their_owner(&huella).await, set(&[]));
    assert_eq!(definer_functions(&huella).await, set(SECURITY_DEFINER));
    assert_eq!(loose_functions(&huella).await, set(&[]));
}

#[tokio::test]
async fn the_app_role_has_no_more_than_it_needs() {
    let huella = Huella::start().await;
    assert_eq!(extra_rights(&huella).await, set(&[]));
}

/// A finder that finds nothing proves nothing. Each is given something to find.
#[tokio::test]
async fn every_finder_finds() {
    const GUARDED: &str = "tenant_id uuid not null default tenant_actual() references tenants, id uuid not null";
    let huella = Huella::start().await;
    let make = async |sql: &str| huella.execute(&sql.replace("GUARDED", GUARDED)).await;

    make("create table de_nadie (id uuid primary key)").await;
    assert_eq!(&without_tenant(&huella).await - &set(SIN_TENANT), set(&["de_nadie"]));

    make("create table abierta (GUARDED, primary key (tenant_id, id)); grant select on abierta to huella_app").await;
    make("create table sin_forzar (GUARDED, primary key (tenant_id, id)); alter table sin_forzar enable row level security").await;
    assert_eq!(unprotected(&huella).await, set(&["abierta", "sin_forzar"]));

    make("create table para_leer (GUARDED); create policy p on para_leer to huella_app using (tenant_id = tenant_actual()) with check (true)").await;
    make("create table para_escribir (GUARDED); create policy p on para_escribir to huella_app using (true) with check (tenant_id = tenant_actual())").await;
    make("create table de_todos (GUARDED); create policy p on de_todos for select using (tenant_id = tenant_actual() or id is null)").await;
    make("create table una_mas (GUARDED); call proteger('una_mas', 'tenant', 'select'); create policy p on una_mas for select to huella_ro using (true)").await;
    assert_eq!(lax(&huella).await, set(&["de_todos", "para_escribir", "para_leer", "una_mas"]));

    make("create table delata (GUARDED, unique (id))").await;
    make("create table excluye (GUARDED, exclude using gist (id with =, tenant_id with =))").await;
    make("create table excluye_al_reves (GUARDED, exclude using gist (tenant_id with <>, id with =))").await;
    assert_eq!(telling_keys(&huella).await, set(&["delata", "excluye", "excluye_al_reves"]));

    make("create table de_sede (GUARDED, sede_id uuid); call proteger('de_sede', 'tenant', 'select')").await;
    make("create table de_sede_a_medias (GUARDED, sede_id uuid); create policy p on de_sede_a_medias to huella_app using (tenant_id = tenant_actual() and sede_visible(sede_id)) with check (tenant_id = tenant_actual())").await;
    assert_eq!(&sede_not_asked(&huella).await - &set(SEDE_SIN_POLITICA), set(&["de_sede", "de_sede_a_medias"]));

    make("create table de_mascota (GUARDED, mascota_id uuid, foreign key (tenant_id, mascota_id) references mascotas); call proteger('de_mascota', 'tenant', 'select')").await;
    assert_eq!(&patients_for_all(&huella).await - &set(SIN_VISIBILIDAD), set(&["de_mascota"]));

    make("create table hija (GUARDED, madre uuid references delata (id))").await;
    assert_eq!(&crossing_keys(&huella).await - &set(CRUZAN), set(&["hija"]));

    make("create view ajena as select * from tutores; create materialized view copia as select id from tutores").await;
    assert_eq!(views_of_their_owner(&huella).await, set(&["ajena", "copia"]));

    make("create table recordada (GUARDED); alter table pesos add column firma bytea").await;
    assert!(forgotten(&huella).await.contains("recordada"));
    assert_eq!(unreadable(&huella).await, set(&["pesos.firma"]));

    make("create function suelta() returns bigint language sql security definer as 'select count(*) from huella.tutores'").await;
    make("create function publica() returns bigint language sql security definer set search_path = huella, pg_temp as 'select count(*) from tutores'").await;
    assert_eq!(&definer_functions(&huella).await - &set(SECURITY_DEFINER), set(&["publica", "suelta"]));
    assert_eq!(loose_functions(&huella).await, set(&["publica", "suelta"]));

    make("grant truncate on citas to huella_app; grant delete on auditoria to huella_app; grant insert on citas to huella_ro").await;
    make("grant select on tutores to public; grant select on mascotas to huella_servicio; alter table razas owner to huella_app").await;
    let extra =
        ["auditoria DELETE", "citas INSERT", "citas TRUNCATE", "mascotas huella_servicio", "razas is owned by the app", "tutores PUBLIC"];
    assert!(extra_rights(&huella).await.is_superset(&set(&extra)), "{:?}", extra_rights(&huella).await);
}
