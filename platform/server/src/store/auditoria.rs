//! The audit chain. Role `huella_jobs`: reads rows, writes links, changes nothing; who read whom it writes in `lecturas`.
use crate::auditoria::{Hash, Row, Verified};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, ids::TenantId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Every transaction below `xid` of this cluster is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub cluster: i64,
    pub xid: i64,
}

/// Which rows to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    Between { from: i64, until: i64 },
    Everything,
}

pub struct NewLink {
    pub tenant: Uuid,
    pub numero: i64,
    pub auditoria_id: Uuid,
    pub resumen: Hash,
}

/// A link and the row that it vouches for, if that is still there.
pub struct Link {
    pub numero: i64,
    pub auditoria_id: Uuid,
    pub resumen: Vec<u8>,
    pub row: Option<Row>,
}

pub async fn try_lock_sealer(db: &mut PgConnection) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtext('huella.sellador')) as "free!""#).fetch_one(db).await?)
}

/// This cluster, and the oldest transaction that may still write.
pub async fn horizon(db: &mut PgConnection) -> Result<Cursor, Problem> {
    let row = sqlx::query!(
        r#"select (select system_identifier from pg_control_system()) as "cluster!",
                  pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "xid!""#
    )
    .fetch_one(db)
    .await?;
    Ok(Cursor { cluster: row.cluster, xid: row.xid })
}

pub async fn cursor(db: &mut PgConnection) -> Result<Option<Cursor>, Problem> {
    let row = sqlx::query!(r#"select cluster, xid::text::bigint as "xid!" from auditoria_cursor"#).fetch_optional(db).await?;
    Ok(row.map(|row| Cursor { cluster: row.cluster, xid: row.xid }))
}

pub async fn advance(db: &mut PgConnection, to: Cursor) -> Result<(), Problem> {
    sqlx::query!(
        "insert into auditoria_cursor (cluster, xid) values ($1, $2::bigint::text::xid8)
         on conflict (unico) do update set cluster = excluded.cluster, xid = excluded.xid
          where (auditoria_cursor.cluster, auditoria_cursor.xid) is distinct from (excluded.cluster, excluded.xid)",
        to.cluster,
        to.xid
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Rows without a link, oldest transaction first.
pub async fn unsealed(db: &mut PgConnection, range: Range, limit: i64) -> Result<Vec<Row>, Problem> {
    let (from, until) = match range {
        Range::Between { from, until } => (from, until),
        Range::Everything => (0, i64::MAX),
    };
    Ok(sqlx::query_as!(
        Row,
        r#"select tenant_id as tenant, id, xid::text::bigint as "xid!", (extract(epoch from en) * 1000000)::bigint as "en!", actor_tipo, actor_id,
                  ip, traza, sede_id, accion, entidad, entidad_id, ids, antes::text, despues::text
             from auditoria a
            where xid >= $1::bigint::text::xid8 and xid < $2::bigint::text::xid8
              and not exists (select from auditoria_eslabones e where e.tenant_id = a.tenant_id and e.auditoria_id = a.id)
            order by a.xid, a.id limit $3"#,
        from,
        until,
        limit
    )
    .fetch_all(db)
    .await?)
}

/// Last link of each of these chains; a chain without links is missing.
pub async fn tails(db: &mut PgConnection, tenants: &[Uuid]) -> Result<HashMap<TenantId, (i64, Hash)>, Problem> {
    let rows = sqlx::query!(
        r#"select t.id as "id!", e.numero, e.resumen from unnest($1::uuid[]) t(id)
            cross join lateral (select numero, resumen from auditoria_eslabones
                                 where tenant_id = t.id order by numero desc limit 1) e"#,
        tenants
    )
    .fetch_all(db)
    .await?;
    let tail = |id, numero, resumen: Vec<u8>| Some((TenantId(id), (numero, resumen.try_into().ok()?)));
    rows.into_iter()
        .map(|row| tail(row.id, row.numero, row.resumen).ok_or_else(|| Problem::internal("an audit link is not 32 bytes long")))
        .collect()
}

pub async fn append(db: &mut PgConnection, links: &[NewLink]) -> Result<(), Problem> {
    let tenants: Vec<Uuid> = links.iter().map(|link| link.tenant).collect();
    let numeros: Vec<i64> = links.iter().map(|link| link.numero).collect();
    let ids: Vec<Uuid> = links.iter().map(|link| link.auditoria_id).collect();
    let resumenes: Vec<Vec<u8>> = links.iter().map(|link| link.resumen.to_vec()).collect();
    sqlx::query!(
        "insert into auditoria_eslabones (tenant_id, numero, auditoria_id, resumen)
         select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[])",
        &tenants,
        &numeros,
        &ids,
        &resumenes
    )
    .execute(db)
    .await?;
    Ok(())
}

pub struct Tenant {
    pub id: TenantId,
    pub clave: String,
}

pub async fn tenants(db: &mut PgConnection) -> Result<Vec<Tenant>, Problem> {
    let rows = sqlx::query!("select id, clave from tenants order by clave").fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| Tenant { id: TenantId(row.id), clave: row.clave }).collect())
}

/// The next links of a chain with their rows.
pub async fn links_after(db: &mut PgConnection, tenant: TenantId, numero: i64, limit: i64) -> Result<Vec<Link>, Problem> {
    let links = sqlx::query!(
        "select numero, auditoria_id, resumen from auditoria_eslabones where tenant_id = $1 and numero > $2 order by numero limit $3",
        tenant.0,
        numero,
        limit
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<Uuid> = links.iter().map(|link| link.auditoria_id).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select tenant_id as tenant, id, xid::text::bigint as "xid!", (extract(epoch from en) * 1000000)::bigint as "en!", actor_tipo, actor_id,
                  ip, traza, sede_id, accion, entidad, entidad_id, ids, antes::text, despues::text
             from auditoria where tenant_id = $1 and id = any($2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(db)
    .await?;
    let mut rows: HashMap<Uuid, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let link = |numero, auditoria_id, resumen, row| Link { numero, auditoria_id, resumen, row };
    Ok(links.into_iter().map(|l| link(l.numero, l.auditoria_id, l.resumen, rows.remove(&l.auditoria_id))).collect())
}

/// How many rows of a chain have no link, and the oldest of them.
pub async fn unsealed_of(db: &mut PgConnection, tenant: TenantId) -> Result<(i64, Option<Uuid>), Problem> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", (array_agg(id order by xid, id))[1] as oldest from auditoria a
            where tenant_id = $1
              and not exists (select from auditoria_eslabones e where e.tenant_id = a.tenant_id and e.auditoria_id = a.id)"#,
        tenant.0
    )
    .fetch_one(db)
    .await?;
    Ok((row.count, row.oldest))
}

/// Rows that wait for the sealer, for the figures: an upper bound that costs an index range.
pub async fn waiting(db: &mut PgConnection) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from auditoria a
            where xid >= coalesce((select xid from auditoria_cursor), '0'::xid8)
              and not exists (select from auditoria_eslabones e where e.tenant_id = a.tenant_id and e.auditoria_id = a.id)"#
    )
    .fetch_one(db)
    .await?)
}

/// The chain that was looked at longest ago, if that is before `antes`; one that never was comes first.
pub async fn to_review(db: &mut PgConnection, antes: Timestamp) -> Result<Option<Tenant>, Problem> {
    let row = sqlx::query!(
        "select t.id, t.clave from tenants t left join auditoria_revisiones r on r.tenant_id = t.id
          where r.tenant_id is null or r.revisada_en < $1 order by r.revisada_en nulls first, t.id limit 1",
        antes.to_sqlx() as _
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Tenant { id: TenantId(row.id), clave: row.clave }))
}

/// Keeps what was found.
pub async fn reviewed(db: &mut PgConnection, en: Timestamp, found: &Verified) -> Result<(), Problem> {
    let (roto, motivo) = found.roto.map(|(numero, _, what)| (numero, what.to_string())).unzip();
    sqlx::query!(
        "insert into auditoria_revisiones (tenant_id, revisada_en, eslabones, hasta, roto, motivo, anclas, sin_sellar)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id) do update set revisada_en = excluded.revisada_en, eslabones = excluded.eslabones, hasta = excluded.hasta,
                roto = excluded.roto, motivo = excluded.motivo, anclas = excluded.anclas, sin_sellar = excluded.sin_sellar",
        found.tenant.0,
        en.to_sqlx() as _,
        found.eslabones,
        found.hasta.map(ToSqlx::to_sqlx) as _,
        roto,
        motivo,
        found.anclas.and_then(|count| i32::try_from(count).ok()),
        found.sin_sellar
    )
    .execute(db)
    .await?;
    Ok(())
}
