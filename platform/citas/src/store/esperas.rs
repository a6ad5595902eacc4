//! `esperas`: who waits for a time.
//!
//! `k` makes a column of what a pet was merged into: under row-level security no index looks for what `coalesce` yields, and
//! whoever waits would be joined with all pets of the chain.
use crate::model::{
    AjustesEspera, Antes, CambioAjustesEspera, Candidata, Espera, EstadoEspera, NuevaEspera, Ofrecimiento, Preferencia, Prioridad,
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, EsperaId, MascotaId, OfertaId, SedeId, ServicioId, UsuarioId},
};

/// Which entries: one, or those of a sede.
#[derive(Debug, Default)]
pub struct Filtro {
    pub id: Option<EsperaId>,
    pub sede: Option<SedeId>,
    pub estado: Option<EstadoEspera>,
    /// After this place in the list.
    pub despues_de: Option<(i32, Timestamp, EsperaId)>,
    pub limite: i64,
}

struct Fila {
    id: EsperaId,
    mascota_id: MascotaId,
    mascota: String,
    tutor: Option<String>,
    servicio: String,
    servicio_id: ServicioId,
    sedes: Vec<SedeId>,
    medico_id: Option<UsuarioId>,
    desde: Date,
    hasta: Date,
    dias: Vec<i16>,
    hora_desde: Option<jiff_sqlx::Time>,
    hora_hasta: Option<jiff_sqlx::Time>,
    prioridad: Prioridad,
    nota: Option<String>,
    estado: EstadoEspera,
    retirada_motivo: Option<String>,
    cita_id: Option<CitaId>,
    creada_en: Timestamp,
    version: i32,
    oferta_id: Option<OfertaId>,
    oferta_sede: Option<SedeId>,
    oferta_cita: Option<CitaId>,
    oferta_medico: Option<UsuarioId>,
    oferta_inicio: Option<jiff_sqlx::Timestamp>,
    oferta_fin: Option<jiff_sqlx::Timestamp>,
    oferta_hasta: Option<jiff_sqlx::Timestamp>,
}

impl Fila {
    fn oferta(&self) -> Option<Ofrecimiento> {
        Some(Ofrecimiento {
            id: self.oferta_id?,
            sede_id: self.oferta_sede?,
            cita_id: self.oferta_cita?,
            medico_id: self.oferta_medico?,
            inicio: self.oferta_inicio?.to_jiff(),
            fin: self.oferta_fin?.to_jiff(),
            hasta: self.oferta_hasta?.to_jiff(),
        })
    }
}

impl From<Fila> for Espera {
    fn from(f: Fila) -> Self {
        let oferta = f.oferta();
        let preferencia = Preferencia {
            servicio_id: f.servicio_id,
            sedes: f.sedes,
            medico_id: f.medico_id,
            desde: f.desde,
            hasta: f.hasta,
            dias: f.dias,
            hora_desde: f.hora_desde.map(jiff_sqlx::Time::to_jiff),
            hora_hasta: f.hora_hasta.map(jiff_sqlx::Time::to_jiff),
            prioridad: f.prioridad,
            nota: f.nota,
        };
        Self {
            id: f.id,
            mascota_id: f.mascota_id,
            mascota: f.mascota,
            tutor: f.tutor,
            servicio: f.servicio,
            preferencia,
            estado: f.estado,
            retirada_motivo: f.retirada_motivo,
            oferta,
            cita_id: f.cita_id,
            creada_en: f.creada_en,
            version: f.version,
        }
    }
}

/// The most urgent first, then those who wait longest. `hoy` tells those whose days are over.
pub async fn listar(tx: &mut Tx, filtro: &Filtro, hoy: Date) -> Result<Vec<Espera>, Problem> {
    let (turno, creada_en, despues) = filtro.despues_de.map_or((None, None, None), |(turno, en, id)| (Some(turno), Some(en), Some(id)));
    let filas = sqlx::query_as!(
        Fila,
        r#"with e as (
             select *, case when estado = 'activa' and hasta < $2 then 'vencida' else estado end as hoy,
                    array_position(array['urgente', 'alta', 'normal'], prioridad) as turno from esperas
              where ($1::uuid is null or id = $1) and ($3::uuid is null or $3 = any (sedes)))
           select e.id as "id!: EsperaId", a.actual_id as "mascota_id!: MascotaId", m.nombre as "mascota!", m.tutor, v.nombre as "servicio!",
                  e.servicio_id as "servicio_id!: ServicioId", e.sedes as "sedes!: Vec<SedeId>", e.medico_id as "medico_id: UsuarioId",
                  e.desde as "desde!", e.hasta as "hasta!", e.dias as "dias!", e.hora_desde as "hora_desde: jiff_sqlx::Time", e.hora_hasta as "hora_hasta: jiff_sqlx::Time",
                  e.prioridad as "prioridad!: Prioridad", e.nota, e.hoy as "estado!: EstadoEspera", e.retirada_motivo, e.cita_id as "cita_id: CitaId",
                  e.creada_en as "creada_en!", e.version as "version!",
                  o.id as "oferta_id?: OfertaId", o.sede_id as "oferta_sede?: SedeId", o.cita_id as "oferta_cita?: CitaId",
                  o.medico_id as "oferta_medico?: UsuarioId", o.inicio as "oferta_inicio?: jiff_sqlx::Timestamp",
                  o.fin as "oferta_fin?: jiff_sqlx::Timestamp", o.hasta as "oferta_hasta?: jiff_sqlx::Timestamp"
             from e join v_mascotas_actuales a on a.id = e.mascota_id
             cross join lateral (select a.actual_id offset 0) k join v_mascotas m on m.id = k.actual_id
             join v_servicios v on v.id = e.servicio_id
             left join ofertas o on o.espera_id = e.id and o.estado = 'pendiente'
            where ($4::text is null or e.hoy = $4) and ($5::int is null or (e.turno, e.creada_en, e.id) > ($5, $6, $7::uuid))
            order by e.turno, e.creada_en, e.id limit $8"#,
        filtro.id as _,
        hoy.to_sqlx() as _,
        filtro.sede as _,
        filtro.estado as _,
        turno,
        creada_en.map(|en| en.to_sqlx()) as _,
        despues as _,
        filtro.limite,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(Espera::from).collect())
}

pub async fn espera(tx: &mut Tx, id: EsperaId, hoy: Date) -> Result<Option<Espera>, Problem> {
    let filtro = Filtro { id: Some(id), limite: 1, ..Filtro::default() };
    Ok(listar(tx, &filtro, hoy).await?.pop())
}

/// Holds the entry until the transaction ends.
pub async fn lock_espera(tx: &mut Tx, id: EsperaId, hoy: Date) -> Result<Option<Espera>, Problem> {
    let there = sqlx::query_scalar!(r#"select true as "there!" from esperas where id = $1 for update"#, id as _);
    if there.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    espera(tx, id, hoy).await
}

/// Which of the pet, the service, the vet and the sedes there are.
pub async fn existen_en_espera(tx: &mut Tx, mascota: Option<MascotaId>, preferencia: &Preferencia) -> Result<[bool; 4], Problem> {
    let fila = sqlx::query!(
        r#"select $1::uuid is null or exists (select from v_mascotas where id = $1 and fallecida_en is null) as "mascota!",
                  exists (select from v_servicios where id = $2 and activo) as "servicio!",
                  $3::uuid is null or exists (select from v_medicos where id = $3 and activo) as "medico!",
                  (select count(*) from v_sedes where id = any ($4) and activa) as "sedes!""#,
        mascota as _,
        preferencia.servicio_id as _,
        preferencia.medico_id as _,
        &preferencia.sedes as &[SedeId],
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok([fila.mascota, fila.servicio, fila.medico, fila.sedes == preferencia.sedes.len() as i64])
}

pub async fn insert_espera(tx: &mut Tx, nueva: &NuevaEspera) -> Result<EsperaId, Problem> {
    let (id, now, author) = (EsperaId::new(), tx.now(), tx.author());
    let p = &nueva.preferencia;
    sqlx::query!(
        "insert into esperas (id, mascota_id, servicio_id, sedes, medico_id, desde, hasta, dias, hora_desde, hora_hasta, prioridad, nota,
                              estado, creada_en, creada_por)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'activa', $13, $14)",
        id as _,
        nueva.mascota_id as _,
        p.servicio_id as _,
        &p.sedes as &[SedeId],
        p.medico_id as _,
        p.desde.to_sqlx() as _,
        p.hasta.to_sqlx() as _,
        &p.dias,
        p.hora_desde.map(|t| t.to_sqlx()) as _,
        p.hora_hasta.map(|t| t.to_sqlx()) as _,
        p.prioridad as _,
        p.nota,
        now.to_sqlx() as _,
        author,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn save_preferencia(tx: &mut Tx, id: EsperaId, p: &Preferencia) -> Result<(), Problem> {
    sqlx::query!(
        "update esperas set servicio_id = $2, sedes = $3, medico_id = $4, desde = $5, hasta = $6, dias = $7, hora_desde = $8,
                hora_hasta = $9, prioridad = $10, nota = $11, version = version + 1 where id = $1",
        id as _,
        p.servicio_id as _,
        &p.sedes as &[SedeId],
        p.medico_id as _,
        p.desde.to_sqlx() as _,
        p.hasta.to_sqlx() as _,
        &p.dias,
        p.hora_desde.map(|t| t.to_sqlx()) as _,
        p.hora_hasta.map(|t| t.to_sqlx()) as _,
        p.prioridad as _,
        p.nota,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Entries of a pet that died, and of records that were merged into its own, that still wait.
pub async fn esperas_de_fallecida(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<EsperaId>, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select e.id as "id!: EsperaId" from esperas e join v_mascotas_actuales a on a.id = e.mascota_id
             cross join lateral (select a.actual_id offset 0) k join v_mascotas m on m.id = k.actual_id
            where m.id = $1 and m.fallecida_en is not null and e.estado in ('activa', 'ofrecida') order by e.id"#,
        mascota as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What becomes of an entry.
pub enum Suerte<'a> {
    Activa,
    Ofrecida,
    Cumplida(CitaId),
    Retirada(&'a str),
}

pub async fn save_suerte(tx: &mut Tx, id: EsperaId, suerte: Suerte<'_>) -> Result<(), Problem> {
    let (estado, cita, motivo) = match suerte {
        Suerte::Activa => (EstadoEspera::Activa, None, None),
        Suerte::Ofrecida => (EstadoEspera::Ofrecida, None, None),
        Suerte::Cumplida(cita) => (EstadoEspera::Cumplida, Some(cita), None),
        Suerte::Retirada(motivo) => (EstadoEspera::Retirada, None, Some(motivo)),
    };
    sqlx::query!(
        "update esperas set estado = $2, cita_id = $3, retirada_motivo = $4, version = version + 1 where id = $1",
        id as _,
        estado as _,
        cita as _,
        motivo
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether anybody waits in the sedes that the caller sees.
pub async fn alguien_espera(tx: &mut Tx) -> Result<bool, Problem> {
    let there = sqlx::query_scalar!(r#"select exists (select from esperas where estado in ('activa', 'ofrecida')) as "there!""#);
    Ok(there.fetch_one(&mut **tx).await?)
}

/// One after the other in a chain: two offers at once would both see the same entry waiting.
pub async fn bloquear_lista(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'esperas', 0))").execute(&mut **tx).await?;
    Ok(())
}

/// Those who may want a time that became free, the best first: alive, on that day, with that vet; who was asked about
/// that time before is not asked again, and who has such a visit within the days wanted does not wait any more. After `despues`,
/// the place of the last one that was looked at, if any was.
pub async fn candidatas(
    tx: &mut Tx,
    libre: &Antes,
    (zona, fecha): (&str, Date),
    despues: Option<(i32, Timestamp, EsperaId)>,
    limite: i64,
) -> Result<Vec<Candidata>, Problem> {
    let (turno, creada_en, id) = despues.map_or((None, None, None), |(turno, en, id)| (Some(turno), Some(en), Some(id)));
    let filas = sqlx::query!(
        r#"select e.id as "id!: EsperaId", m.id as "mascota_id!: MascotaId", e.servicio_id as "servicio_id!: ServicioId",
                  e.hora_desde as "hora_desde: jiff_sqlx::Time", e.hora_hasta as "hora_hasta: jiff_sqlx::Time", t.turno as "turno!",
                  e.creada_en as "creada_en!"
             from esperas e cross join lateral (select array_position(array['urgente', 'alta', 'normal'], e.prioridad) as turno) t join v_mascotas_actuales a on a.id = e.mascota_id
             cross join lateral (select a.actual_id offset 0) k join v_mascotas m on m.id = k.actual_id
            where e.estado = 'activa' and m.fallecida_en is null and $1 = any (e.sedes) and (e.medico_id is null or e.medico_id = $2)
              and e.desde <= $3 and e.hasta >= $3 and (cardinality(e.dias) = 0 or extract(isodow from $3::date)::smallint = any (e.dias))
              and not exists (select from ofertas o where o.espera_id = e.id and o.sede_id = $1 and o.medico_id = $2 and o.inicio < $5 and o.fin > $4)
              and not exists (select from citas c where c.mascota_id = m.id and c.servicio_id = e.servicio_id and c.activa and c.retenida_hasta is null
                                 and c.inicio >= e.desde::timestamp at time zone $6 and c.inicio < (e.hasta + 1)::timestamp at time zone $6)
              and ($8::int is null or (t.turno, e.creada_en, e.id) > ($8, $9::timestamptz, $10::uuid))
            order by t.turno, e.creada_en, e.id limit $7"#,
        libre.sede_id as _,
        libre.medico_id as _,
        fecha.to_sqlx() as _,
        libre.inicio.to_sqlx() as _,
        libre.fin.to_sqlx() as _,
        zona,
        limite,
        turno,
        creada_en.map(|en| en.to_sqlx()) as _,
        id as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let candidata = filas.into_iter().map(|f| Candidata {
        id: f.id,
        mascota_id: f.mascota_id,
        servicio_id: f.servicio_id,
        hora_desde: f.hora_desde.map(jiff_sqlx::Time::to_jiff),
        hora_hasta: f.hora_hasta.map(jiff_sqlx::Time::to_jiff),
        lugar: (f.turno, f.creada_en.to_jiff(), f.id),
    });
    Ok(candidata.collect())
}

pub async fn ajustes_espera(tx: &mut Tx) -> Result<AjustesEspera, Problem> {
    let fila = sqlx::query_as!(AjustesEspera, "select activa, oferta_min, anticipacion_min, version from esperas_ajustes");
    Ok(fila.fetch_optional(&mut **tx).await?.unwrap_or_default())
}

pub async fn guardar_ajustes_espera(tx: &mut Tx, cambio: &CambioAjustesEspera) -> Result<(), Problem> {
    sqlx::query!(
        "insert into esperas_ajustes as x (activa, oferta_min, anticipacion_min, version) values ($1, $2, $3, 2)
         on conflict (tenant_id) do update set activa = $1, oferta_min = $2, anticipacion_min = $3, version = x.version + 1",
        cambio.activa,
        cambio.oferta_min,
        cambio.anticipacion_min,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
