//! What the gate asks the database: whether credentials are still good, and since when that may have changed.
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Access, Problem, Tx,
    ids::{ClaveApiId, SedeId, SesionId, TenantId, UsuarioId},
    modulos::Apagados,
    permission::{PermissionSet, index_of},
};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// A session that is good now.
pub struct Estado {
    pub version: i64,
    /// Second at which the session ends by itself.
    pub until: i64,
    pub solo_sus_pacientes: bool,
    pub debe_enrolar: bool,
    pub bloqueada: bool,
    pub apagados: Apagados,
}

/// `None` once the session, its person or the chain is not active any more.
pub async fn estado_sesion(tx: &mut Tx, sesion: SesionId, usuario: UsuarioId, now: Timestamp) -> Result<Option<Estado>, Problem> {
    let row = sqlx::query!(
        r#"select coalesce((select version from versiones_acceso), 0) as "version!", s.expira_en, s.bloqueada_en is not null as "bloqueada!",
                  exists (select from v_pacientes_ajustes where visibilidad = 'sede') as "solo_sus_pacientes!",
                  u.totp_desde is null and exists (
                    select from asignaciones a join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id
                     where a.usuario_id = u.id and r.exige_segundo_factor) as "debe_enrolar!",
                  (select apagados from v_modulos_apagados) as apagados
             from sesiones s
             join usuarios u on u.tenant_id = s.tenant_id and u.id = s.usuario_id and u.activo
             join tenants t on t.id = s.tenant_id and t.activo
            where s.id = $1 and s.usuario_id = $2 and s.revocada_en is null and s.expira_en > $3"#,
        sesion.0,
        usuario.0,
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Estado {
        version: row.version,
        until: row.expira_en.to_jiff().as_second(),
        solo_sus_pacientes: row.solo_sus_pacientes,
        debe_enrolar: row.debe_enrolar,
        bloqueada: row.bloqueada,
        apagados: Apagados::of(row.apagados.unwrap_or_default()),
    }))
}

/// SHA-256 of a key's secret.
pub async fn clave_resumen(tx: &mut Tx, clave: ClaveApiId) -> Result<Option<Vec<u8>>, Problem> {
    Ok(sqlx::query_scalar!("select resumen from claves_api where id = $1", clave.0).fetch_optional(&mut **tx).await?)
}

/// A key that is good now.
pub struct ClaveVigente {
    pub version: i64,
    pub expira_en: Timestamp,
    pub permisos: Vec<String>,
    pub sedes: Option<Vec<Uuid>>,
    pub solo_sus_pacientes: bool,
    pub apagados: Apagados,
}

impl ClaveVigente {
    pub fn access(&self) -> Access {
        let held: PermissionSet = self.permisos.iter().filter_map(|clave| index_of(clave)).collect();
        match &self.sedes {
            None => Access { cadena: held, sedes: Vec::new() },
            Some(sedes) => Access { cadena: PermissionSet::default(), sedes: sedes.iter().map(|sede| (SedeId(*sede), held)).collect() },
        }
    }
}

pub async fn clave_vigente(tx: &mut Tx, clave: ClaveApiId, now: Timestamp) -> Result<Option<ClaveVigente>, Problem> {
    let row = sqlx::query!(
        r#"select coalesce((select version from versiones_acceso), 0) as "version!", c.expira_en, c.permisos, c.sedes,
                  exists (select from v_pacientes_ajustes where visibilidad = 'sede') as "solo_sus_pacientes!",
                  (select apagados from v_modulos_apagados) as apagados
             from claves_api c join tenants t on t.id = c.tenant_id and t.activo
            where c.id = $1 and c.revocada_en is null and c.expira_en > $2"#,
        clave.0,
        now.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| ClaveVigente {
        version: row.version,
        expira_en: row.expira_en.to_jiff(),
        permisos: row.permisos,
        sedes: row.sedes,
        solo_sus_pacientes: row.solo_sus_pacientes,
        apagados: Apagados::of(row.apagados.unwrap_or_default()),
    }))
}

/// The modules that the chain does without.
pub async fn apagados(tx: &mut Tx) -> Result<Apagados, Problem> {
    let row = sqlx::query_scalar!(r#"select apagados as "apagados!" from v_modulos_apagados"#).fetch_optional(&mut **tx).await?;
    Ok(Apagados::of(row.unwrap_or_default()))
}

/// The access versions of these chains. By the platform's own role: one question for all of them.
pub async fn versiones(db: &mut PgConnection, tenants: &[TenantId]) -> Result<HashMap<TenantId, i64>, Problem> {
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.0).collect();
    let rows = sqlx::query!(
        r#"select t.id as "id!: TenantId", coalesce(v.version, 0) as "version!" from tenants t left join versiones_acceso v on v.tenant_id = t.id where t.id = any($1)"#,
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}
