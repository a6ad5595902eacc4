//! What owners book themselves: what is offered, who asked for a code, what was booked.
use crate::model::{
    Autoreserva, AutoreservaDeSede, Cita, Contada, Estado, EstadoAutoreserva, MEMORIA, MedicoPublico, SedePublica, ServicioPublico,
    SolicitudDeReserva,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, MascotaId, SedeId, ServicioId, TutorId, UsuarioId},
};
use sqlx::types::Json;
use uuid::Uuid;

/// What a sede offers; `None` if nobody ever said.
pub async fn autoreserva(tx: &mut Tx, sede: SedeId) -> Result<Option<AutoreservaDeSede>, Problem> {
    let fila = sqlx::query!(
        r#"select activa, servicios as "servicios: Vec<ServicioId>", medicos as "medicos: Vec<UsuarioId>", elige_medico, especies, antelacion_min,
                  dias_max, retencion_min, aprobar, aprobar_horas, abiertas_max, por_dia_max, instrucciones, condiciones, condiciones_version, version
             from autoreserva_ajustes where sede_id = $1"#,
        sede as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(fila.map(|f| AutoreservaDeSede {
        sede_id: sede,
        version: f.version,
        autoreserva: Autoreserva {
            activa: f.activa,
            servicios: f.servicios,
            medicos: f.medicos,
            elige_medico: f.elige_medico,
            especies: f.especies,
            antelacion_min: f.antelacion_min,
            dias_max: f.dias_max,
            retencion_min: f.retencion_min,
            aprobar: f.aprobar,
            aprobar_horas: f.aprobar_horas,
            abiertas_max: f.abiertas_max,
            por_dia_max: f.por_dia_max,
            instrucciones: f.instrucciones,
            condiciones: f.condiciones,
            condiciones_version: f.condiciones_version,
        },
    }))
}

pub async fn guardar_autoreserva(tx: &mut Tx, sede: SedeId, a: &Autoreserva) -> Result<(), Problem> {
    sqlx::query!(
        "insert into autoreserva_ajustes as x (sede_id, activa, servicios, medicos, elige_medico, especies, antelacion_min, dias_max, retencion_min,
                                               aprobar, aprobar_horas, abiertas_max, por_dia_max, instrucciones, condiciones, condiciones_version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (tenant_id, sede_id) do update set activa = $2, servicios = $3, medicos = $4, elige_medico = $5, especies = $6,
           antelacion_min = $7, dias_max = $8, retencion_min = $9, aprobar = $10, aprobar_horas = $11, abiertas_max = $12, por_dia_max = $13,
           instrucciones = $14, condiciones = $15, condiciones_version = $16, version = x.version + 1",
        sede as _,
        a.activa,
        &a.servicios as &[ServicioId],
        &a.medicos as &[UsuarioId],
        a.elige_medico,
        &a.especies,
        a.antelacion_min,
        a.dias_max,
        a.retencion_min,
        a.aprobar,
        a.aprobar_horas,
        a.abiertas_max,
        a.por_dia_max,
        a.instrucciones,
        a.condiciones,
        a.condiciones_version,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many of these services and vets are in use.
pub async fn en_uso(tx: &mut Tx, servicios: &[ServicioId], medicos: &[UsuarioId]) -> Result<(bool, bool), Problem> {
    let fila = sqlx::query!(
        r#"select (select count(*) from v_servicios where id = any ($1) and activo) as "servicios!",
                  (select count(*) from v_medicos where id = any ($2) and activo) as "medicos!""#,
        servicios as _,
        medicos as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((fila.servicios == servicios.len() as i64, fila.medicos == medicos.len() as i64))
}

/// Where owners may book themselves, for who sees no sede yet.
pub async fn sedes_con_autoreserva(tx: &mut Tx) -> Result<Vec<SedeId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select s as "s!: SedeId" from autoreserva_sedes() s"#).fetch_all(&mut **tx).await?)
}

pub async fn nombre_de_cadena(tx: &mut Tx) -> Result<String, Problem> {
    Ok(sqlx::query_scalar!("select nombre from tenants where id = tenant_actual()").fetch_one(&mut **tx).await?)
}

/// What everybody may know of the sedes that this transaction sees and that take part.
pub async fn sedes_publicas(tx: &mut Tx) -> Result<Vec<SedePublica>, Problem> {
    let filas = sqlx::query!(
        r#"select a.sede_id as "sede_id: SedeId", s.nombre as "nombre!", s.ciudad as "ciudad!", s.zona_horaria as "zona_horaria!", a.especies, a.antelacion_min,
                  a.dias_max, a.aprobar, a.instrucciones, a.condiciones, a.condiciones_version,
                  (select coalesce(json_agg(json_build_object('id', v.id, 'nombre', v.nombre, 'duracion_min', v.duracion_min) order by v.nombre), '[]')
                     from v_servicios v where v.id = any (a.servicios) and v.activo) as "servicios!: Json<Vec<ServicioPublico>>",
                  (select coalesce(json_agg(json_build_object('id', m.id, 'nombre', m.nombre) order by m.nombre), '[]') from v_medicos m
                    where a.elige_medico and m.activo and (cardinality(a.medicos) = 0 or m.id = any (a.medicos))
                      and exists (select from planes_medicos p where p.sede_id = a.sede_id and p.medico_id = m.id)) as "medicos!: Json<Vec<MedicoPublico>>"
             from autoreserva_ajustes a join v_sedes s on s.id = a.sede_id
            where a.activa and s.activa order by s.nombre"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let sede = filas.into_iter().map(|f| SedePublica {
        sede_id: f.sede_id,
        nombre: f.nombre,
        ciudad: f.ciudad,
        zona_horaria: f.zona_horaria,
        servicios: f.servicios.0,
        medicos: f.medicos.0,
        especies: f.especies,
        antelacion_min: f.antelacion_min,
        dias_max: f.dias_max,
        aprobar: f.aprobar,
        instrucciones: f.instrucciones,
        condiciones: f.condiciones,
        condiciones_version: f.condiciones_version,
    });
    Ok(sede.collect())
}

/// Locks a word of the chain until the transaction ends: an address, a network.
pub async fn bloquear_palabra(tx: &mut Tx, palabra: &[u8]) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || encode($1, 'hex'), 0))", palabra)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What was booked, as its owner is answered.
pub struct Hecha {
    pub estado: EstadoAutoreserva,
    pub sede_id: SedeId,
    pub enlace_sellado: String,
    pub inicio: Timestamp,
    pub fin: Timestamp,
}

pub async fn hecha(tx: &mut Tx, cita: CitaId) -> Result<Option<Hecha>, Problem> {
    let hecha = sqlx::query_as!(
        Hecha,
        r#"select a.estado as "estado: EstadoAutoreserva", a.sede_id as "sede_id: SedeId", a.enlace_sellado, c.inicio, c.fin
             from autoreservas a join citas c on c.id = a.cita_id where a.cita_id = $1"#,
        cita as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(hecha)
}

/// A booking of an owner's own.
pub struct NuevaAutoreserva<'a> {
    pub cita: CitaId,
    pub sede: SedeId,
    pub tutor: TutorId,
    pub tutor_nuevo: bool,
    /// Blind index of the address or phone that was proved.
    pub destino: &'a [u8],
    pub red: &'a [u8],
    pub motivo: Option<&'a str>,
    pub condiciones_version: &'a str,
    pub estado: EstadoAutoreserva,
    pub resumen: &'a [u8],
    pub enlace_sellado: &'a str,
}

pub async fn insert_autoreserva(tx: &mut Tx, nueva: &NuevaAutoreserva<'_>) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into autoreservas (cita_id, sede_id, tutor_id, tutor_nuevo, correo_indice, red, motivo, condiciones_version, estado, resumen,
                                   enlace_sellado, creada_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        nueva.cita as _,
        nueva.sede as _,
        nueva.tutor as _,
        nueva.tutor_nuevo,
        nueva.destino,
        nueva.red,
        nueva.motivo,
        nueva.condiciones_version,
        nueva.estado as _,
        nueva.resumen,
        nueva.enlace_sellado,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A request waits no more; nothing happens to what is none.
pub async fn resolver_autoreserva(tx: &mut Tx, cita: CitaId, estado: EstadoAutoreserva) -> Result<bool, Problem> {
    let now = tx.now();
    let done = sqlx::query!(
        "update autoreservas set estado = $2, resuelta_en = $3 where cita_id = $1 and estado in ('pendiente', 'reservada') and estado <> $2",
        cita as _,
        estado as _,
        now.to_sqlx() as _,
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

/// The hold of a request keeps the slot for its pet until the sede approves. `false`: the pet is elsewhere then.
pub async fn apartar(tx: &mut Tx, cita: CitaId, mascota: MascotaId, motivo: Option<&str>, hasta: Timestamp) -> Result<bool, Problem> {
    let now = tx.now();
    tx.mark().await?;
    let done = sqlx::query!(
        "update citas set mascota_id = $2, motivo = $3, retenida_hasta = $4, version = version + 1, actualizado_en = $5 where id = $1",
        cita as _,
        mascota as _,
        motivo,
        hasta.to_sqlx() as _,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop);
    super::citas::unless_taken(tx, done).await
}

/// What the network of a request booked since, in all sedes.
pub async fn de_red(tx: &mut Tx, red: &[u8], desde: Timestamp) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(r#"select autoreservas_de_red($1, $2) as "n!""#, red, desde.to_sqlx() as _).fetch_one(&mut **tx).await?)
}

/// The booking of a link, and its sede.
pub async fn autoreserva_de_enlace(tx: &mut Tx, resumen: &[u8]) -> Result<Option<(CitaId, SedeId)>, Problem> {
    let fila =
        sqlx::query!(r#"select cita_id as "cita_id!: CitaId", sede_id as "sede_id!: SedeId" from autoreserva_de_enlace($1)"#, resumen);
    Ok(fila.fetch_optional(&mut **tx).await?.map(|fila| (fila.cita_id, fila.sede_id)))
}

/// All that a letter or a page tells of a booking.
#[derive(Debug)]
pub struct ReservaContada {
    pub estado: EstadoAutoreserva,
    pub enlace_sellado: String,
    pub tutor_id: TutorId,
    /// How often its owner moved it.
    pub mudanzas: i16,
    /// Of the appointment; a request is `programada` too.
    pub cita: crate::model::Estado,
    pub inicio: Timestamp,
    pub retenida_hasta: Option<jiff_sqlx::Timestamp>,
    pub zona: String,
    pub mascota_id: MascotaId,
    pub mascota: String,
    pub servicio: String,
    pub medico: String,
    pub sede: String,
    pub cadena: String,
    pub instrucciones: Option<String>,
}

pub async fn reserva_contada(tx: &mut Tx, cita: CitaId) -> Result<Option<ReservaContada>, Problem> {
    let contada = sqlx::query_as!(
        ReservaContada,
        r#"select a.estado as "estado: EstadoAutoreserva", a.enlace_sellado, a.tutor_id as "tutor_id: TutorId", a.mudanzas,
                  c.estado as "cita: crate::model::Estado", c.inicio, c.retenida_hasta as "retenida_hasta: jiff_sqlx::Timestamp",
                  s.zona_horaria as "zona!", m.id as "mascota_id!: MascotaId", m.nombre as "mascota!", v.nombre as "servicio!", d.nombre as "medico!",
                  s.nombre as "sede!", t.nombre as cadena, j.instrucciones as "instrucciones?"
             from autoreservas a join citas c on c.id = a.cita_id join v_sedes s on s.id = a.sede_id
             join v_mascotas m on m.id = c.mascota_id join v_servicios v on v.id = c.servicio_id join v_medicos d on d.id = c.medico_id
             join tenants t on t.id = a.tenant_id left join autoreserva_ajustes j on j.sede_id = a.sede_id
            where a.cita_id = $1"#,
        cita as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(contada)
}

/// Its own letters tell its owner of it as it is now.
pub async fn anotar_contada(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    let Cita { version, sede_id, medico_id, inicio, estado, .. } = *cita;
    let contada = Contada { version, sede_id, medico_id, inicio, anulada: estado == Estado::Anulada };
    sqlx::query!("update autoreservas set contada = $2 where cita_id = $1", cita.id as _, Json(contada) as _).execute(&mut **tx).await?;
    Ok(())
}

/// What they last told; `None` of what its owner did not book alone.
pub async fn contada(tx: &mut Tx, cita: CitaId) -> Result<Option<Contada>, Problem> {
    let contada = sqlx::query_scalar!(r#"select contada as "contada: Json<Contada>" from autoreservas where cita_id = $1"#, cita as _);
    Ok(contada.fetch_optional(&mut **tx).await?.flatten().map(|contada| contada.0))
}

/// Its owner moved it once more.
pub async fn contar_mudanza(tx: &mut Tx, cita: CitaId) -> Result<(), Problem> {
    sqlx::query!("update autoreservas set mudanzas = mudanzas + 1 where cita_id = $1", cita as _).execute(&mut **tx).await?;
    Ok(())
}

/// Requests and bookings of a sede, the oldest first.
pub async fn solicitudes(
    tx: &mut Tx,
    sede: SedeId,
    estado: Option<EstadoAutoreserva>,
    despues_de: Option<(Timestamp, CitaId)>,
    limite: i64,
) -> Result<Vec<SolicitudDeReserva>, Problem> {
    let (en, id) = despues_de.map_or((None, None), |(en, id)| (Some(en), Some(Uuid::from(id))));
    let memoria = tx.now() - MEMORIA;
    let filas = sqlx::query!(
        r#"select a.cita_id as "cita_id: CitaId", a.sede_id as "sede_id: SedeId", a.tutor_id as "tutor_id: TutorId", a.tutor_nuevo, m.tutor, m.nombre as "mascota?",
                  v.nombre as "servicio?", c.inicio as "inicio?: jiff_sqlx::Timestamp", a.motivo, a.estado as "estado: EstadoAutoreserva",
                  c.retenida_hasta as "retenida_hasta?: jiff_sqlx::Timestamp", a.creada_en,
                  (select count(*) from faltas f where f.en >= $6
                      and f.tutor_id = any (array(select a.tutor_id union all select t.id from v_tutores t where t.fusionado_con = a.tutor_id))) as "faltas!"
             from autoreservas a left join citas c on c.id = a.cita_id left join v_mascotas m on m.id = c.mascota_id
             left join v_servicios v on v.id = c.servicio_id
            where a.sede_id = $1 and ($2::text is null or a.estado = $2) and ($3::timestamptz is null or (a.creada_en, a.cita_id) > ($3, $4::uuid))
            order by a.creada_en, a.cita_id limit $5"#,
        sede as _,
        estado as _,
        en.map(|en| en.to_sqlx()) as _,
        id,
        limite,
        memoria.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let solicitud = filas.into_iter().map(|f| SolicitudDeReserva {
        cita_id: f.cita_id,
        sede_id: f.sede_id,
        tutor_id: f.tutor_id,
        tutor: f.tutor,
        tutor_nuevo: f.tutor_nuevo,
        faltas: f.faltas,
        mascota: f.mascota,
        servicio: f.servicio,
        inicio: f.inicio.map(|en| en.to_jiff()),
        motivo: f.motivo,
        estado: f.estado,
        retenida_hasta: f.retenida_hasta.map(|en| en.to_jiff()),
        creada_en: f.creada_en.to_jiff(),
    });
    Ok(solicitud.collect())
}

/// How a request stands, and the reason that it gave.
pub async fn pedida(tx: &mut Tx, cita: CitaId) -> Result<Option<(EstadoAutoreserva, Option<String>)>, Problem> {
    let fila = sqlx::query!(r#"select estado as "estado: EstadoAutoreserva", motivo from autoreservas where cita_id = $1"#, cita as _);
    Ok(fila.fetch_optional(&mut **tx).await?.map(|fila| (fila.estado, fila.motivo)))
}
