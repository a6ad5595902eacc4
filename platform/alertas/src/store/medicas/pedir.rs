//! Asking for evaluations: of a pet whose facts changed, of a chain whose night has come. Role `huella_jobs`.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, ids::TenantId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A pet to be looked at: its chain, when rules are asked, which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mirada {
    pub tenant: TenantId,
    pub disparo: &'static str,
    pub mascota: Uuid,
}

/// Work for each, unless the same waits. What somebody is at does not count: it may have read before the change; so the
/// first key is taken that nobody is at.
pub async fn mirar(db: &mut PgConnection, now: Timestamp, tipo: &str, all: &[Mirada]) -> Result<u64, Problem> {
    let tenants: Vec<Uuid> = all.iter().map(|one| one.tenant.0).collect();
    let disparos: Vec<&str> = all.iter().map(|one| one.disparo).collect();
    let mascotas: Vec<Uuid> = all.iter().map(|one| one.mascota).collect();
    let done = sqlx::query!(
        "insert into trabajos as t (tenant_id, id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
         select q.tenant_id, gen_random_uuid(), $4, jsonb_build_object('mascota', q.mascota, 'disparo', q.disparo), libre.clave, 20, $5, $5
           from unnest($1::uuid[], $2::text[], $3::uuid[]) as q(tenant_id, disparo, mascota)
          cross join lateral (
            select q.disparo || ':' || q.mascota::text || ':' || n as clave from generate_series(0, 9) n
             where not exists (select from trabajos o where o.tenant_id = q.tenant_id and o.tipo = $4 and o.estado = 'pendiente'
                                  and o.clave = q.disparo || ':' || q.mascota::text || ':' || n and o.tomado_hasta is not null)
             order by n limit 1) libre
         on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do update set proximo_en = least(t.proximo_en, excluded.proximo_en)",
        &tenants,
        &disparos as &[&str],
        &mascotas,
        tipo,
        now.to_sqlx() as _
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// A walk through all pets of each of these chains, unless one waits that nobody has begun.
pub async fn recorrer(db: &mut PgConnection, now: Timestamp, tipo: &str, all: &[(TenantId, &str)]) -> Result<u64, Problem> {
    let tenants: Vec<Uuid> = all.iter().map(|(tenant, _)| tenant.0).collect();
    let motivos: Vec<&str> = all.iter().map(|(_, motivo)| *motivo).collect();
    let done = sqlx::query!(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
         select q.tenant_id, gen_random_uuid(), $3, jsonb_build_object('motivo', q.motivo, 'pedida_en', $4::timestamptz), libre.clave, 50, $4, $4
           from unnest($1::uuid[], $2::text[]) as q(tenant_id, motivo)
          cross join lateral (
            select q.motivo || ':' || n as clave from generate_series(0, 9) n
             where not exists (select from trabajos o where o.tenant_id = q.tenant_id and o.tipo = $3 and o.estado = 'pendiente'
                                  and o.clave = q.motivo || ':' || n and o.tomado_hasta is not null)
             order by n limit 1) libre
         on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do nothing",
        &tenants,
        &motivos as &[&str],
        tipo,
        now.to_sqlx() as _
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Work for each chain whose night has come, or that does not know yet when it comes.
pub async fn noches(db: &mut PgConnection, now: Timestamp, tipo: &str) -> Result<u64, Problem> {
    sqlx::query!(
        "insert into alertas_noches (tenant_id) select t.id from tenants t
          where t.activo and not exists (select from alertas_noches n where n.tenant_id = t.id) on conflict do nothing"
    )
    .execute(&mut *db)
    .await?;
    let done = sqlx::query!(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
         select n.tenant_id, gen_random_uuid(), $1, jsonb_build_object('motivo', 'noche', 'pedida_en', $2::timestamptz), 'noche', 50, $2, $2
           from alertas_noches n join tenants t on t.id = n.tenant_id and t.activo where n.proxima is null or n.proxima <= $2
         on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do nothing",
        tipo,
        now.to_sqlx() as _
    );
    Ok(done.execute(db).await?.rows_affected())
}
