//! Who asks: people at the desks of all sedes, as many whatever the number of sedes, so that only what there is grows. Their sessions
//! are written by SQL and opened as any other: by changing a refresh token for an access token.
use crate::server::Server;
use anyhow::{Context, Result, ensure};
use kernel::ids::TenantId;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Tokens are changed so many at a time.
const AT_ONCE: usize = 8;
/// Access tokens live ten minutes.
const FRESH: Duration = Duration::from_secs(420);

pub struct Gente {
    /// Chain and sede of each.
    pub puestos: Vec<(Uuid, Uuid)>,
    tokens: RefCell<Vec<Rc<str>>>,
    renovaciones: RefCell<Vec<String>>,
    desde: Cell<Option<Instant>>,
}

impl Gente {
    /// So many of those at the desks, of all sedes.
    pub async fn de(db: &PgPool, cuantas: usize) -> Result<Self> {
        let people: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(
            "select a.tenant_id, a.usuario_id, a.sede_id from asignaciones a
               join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id and r.clave = 'recepcion'
              where a.sede_id is not null order by md5(a.usuario_id::text) limit $1",
        )
        .bind(i64::try_from(cuantas)?)
        .fetch_all(db)
        .await?;
        ensure!(people.len() == cuantas, "{} personas en lugar de {cuantas}", people.len());
        let (tenants, users): (Vec<Uuid>, Vec<Uuid>) = people.iter().map(|(tenant, user, _)| (*tenant, *user)).unzip();
        let sessions: Vec<Uuid> = people.iter().map(|_| Uuid::now_v7()).collect();
        let (renovaciones, resumenes): (Vec<String>, Vec<Vec<u8>>) =
            tenants.iter().map(|tenant| kernel::token::make("hr_", TenantId(*tenant))).unzip();
        sqlx::query(
            "insert into sesiones (tenant_id, id, usuario_id, dispositivo, ip, creada_en, usada_en, expira_en)
             select t, s, u, 'carga', '127.0.0.1', now(), now(), now() + interval '1 day' from unnest($1::uuid[], $2::uuid[], $3::uuid[]) r(t, s, u)",
        )
        .bind(&tenants)
        .bind(&sessions)
        .bind(&users)
        .execute(db)
        .await?;
        sqlx::query(
            "insert into tokens_renovacion (tenant_id, resumen, sesion_id, creado_en, expira_en)
             select t, h, s, now(), now() + interval '1 day' from unnest($1::uuid[], $2::bytea[], $3::uuid[]) r(t, h, s)",
        )
        .bind(&tenants)
        .bind(&resumenes)
        .bind(&sessions)
        .execute(db)
        .await?;
        let puestos = people.into_iter().map(|(tenant, _, sede)| (tenant, sede)).collect();
        Ok(Self { puestos, tokens: RefCell::default(), renovaciones: RefCell::new(renovaciones), desde: Cell::new(None) })
    }

    pub fn token(&self, person: usize) -> Result<Rc<str>> {
        self.tokens.borrow().get(person).cloned().context("nadie ingresó todavía")
    }

    /// Whether their tokens will last for the next phase.
    pub fn ingresada(&self) -> bool {
        self.desde.get().is_some_and(|since| since.elapsed() < FRESH)
    }

    /// Everybody gets a new access token. Any instance knows it.
    pub async fn ingresar(&self, server: &Server) -> Result<()> {
        let old = self.renovaciones.take();
        let (http, url) = (reqwest::Client::new(), format!("http://{}/api/v1/sesiones/renovar", server.address));
        let mut set = JoinSet::new();
        for (which, portion) in old.chunks(old.len().div_ceil(AT_ONCE).max(1)).map(<[String]>::to_vec).enumerate() {
            set.spawn(renovar(http.clone(), url.clone(), which, portion));
        }
        let mut got = BTreeMap::new();
        while let Some(done) = set.join_next().await {
            let (which, pairs) = done??;
            got.insert(which, pairs);
        }
        let (tokens, renovaciones): (Vec<Rc<str>>, Vec<String>) =
            got.into_values().flatten().map(|(token, renovacion)| (Rc::from(format!("Bearer {token}")), renovacion)).unzip();
        self.tokens.replace(tokens);
        self.renovaciones.replace(renovaciones);
        self.desde.set(Some(Instant::now()));
        Ok(())
    }
}

async fn renovar(http: reqwest::Client, url: String, which: usize, portion: Vec<String>) -> Result<(usize, Vec<(String, String)>)> {
    let mut pairs = Vec::with_capacity(portion.len());
    for renovacion in portion {
        let answer: Value = http.post(&url).json(&json!({ "renovacion": renovacion })).send().await?.json().await?;
        let text = |name: &str| answer[name].as_str().map(str::to_owned).with_context(|| format!("no se pudo ingresar: {answer}"));
        pairs.push((text("token")?, text("renovacion")?));
    }
    Ok((which, pairs))
}
