//! `record`: one real call becomes a case, without what is secret or of a person.
use super::{
    banco::{Ajustes, Banco, usage},
    casos::{CasoDeCanal, Mensaje, Pasa, Resultado, result_of, sends},
    proveedor::{Falla, Proveedor, Respuesta},
    wait,
};
use anyhow::{Context, Result, bail};
use plugin_host::{Corrida, manifest::World};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

#[derive(clap::Args)]
pub struct Options {
    component: PathBuf,
    /// Lo que se envía, en JSON: {"to": "+51…", "template": "…", "vars": [["nombre", "Rosa"]], "text": "…"}.
    #[arg(long)]
    message: PathBuf,
    /// Configuración, secretos y claves de verdad; ninguno de los dos últimos queda en el caso.
    #[arg(long)]
    settings: PathBuf,
    /// Quién responde; si falta, el servidor que nombra el manifiesto.
    #[arg(long)]
    proveedor: Option<String>,
    /// El nombre del caso.
    #[arg(long, default_value = "grabado")]
    name: String,
    /// El archivo nuevo, en la carpeta que `test` lee.
    #[arg(long)]
    out: PathBuf,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    if options.out.exists() {
        bail!("{} ya existe", options.out.display());
    }
    let text = |path: &PathBuf| fs::read_to_string(path).with_context(|| path.display().to_string());
    let mensaje: Mensaje = serde_json::from_str(&text(&options.message)?).context("el mensaje")?;
    let ajustes: Ajustes = serde_json::from_str(&text(&options.settings)?).context("los ajustes")?;
    wait(async {
        let provider = Proveedor::start().await?;
        let banco = Banco::open(&options.component, Some(provider.address)).await?;
        if banco.plugin().world() != World::Notification {
            bail!("por ahora solo se graban canales; de una regla, use «replay» con una corrida");
        }
        provider.forward(&who(options, &banco)?);
        let run = banco.install(&ajustes)?.notifications()?.send(super::casos::first_attempt(), mensaje.message()).await;
        print(&run.corrida);
        let (resultado, answers) = (result_of(&run.result), answers(&provider)?);
        let taken = Sustitutos::of(&ajustes, &mensaje, &resultado);
        let case = taken.case(&options.name, &ajustes, &mensaje, &answers, &resultado)?;
        replays(&banco, &provider, &case).await?;
        fs::write(&options.out, serde_json::to_string_pretty(&[case])? + "\n").with_context(|| options.out.display().to_string())?;
        println!("{} grabado: léalo antes de guardarlo con el código", options.out.display());
        Ok(ExitCode::SUCCESS)
    })
}

fn who(options: &Options, banco: &Banco) -> Result<String> {
    if let Some(url) = &options.proveedor {
        return Ok(url.clone());
    }
    let hosts: Vec<String> = banco.plugin().package.manifest.http.iter().map(|rule| rule.host.clone()).collect();
    match &hosts[..] {
        [host] if !host.starts_with('*') => Ok(format!("https://{host}")),
        _ => bail!("el manifiesto nombra varios servidores: diga cuál con --proveedor"),
    }
}

fn print(corrida: &Corrida) {
    for call in &corrida.llamadas {
        let estado = call.estado.map_or_else(|| call.error.clone().unwrap_or_default(), |estado| estado.to_string());
        println!("{} {}{} → {estado}, {} ms", call.metodo, call.host, call.ruta, call.ms);
    }
    println!("{}  [{}]", corrida.resultado.name(), usage(corrida));
}

/// A call that nobody answered was not recorded: a case of it is written by hand.
fn answers(provider: &Proveedor) -> Result<Vec<Respuesta>> {
    let answers: Option<Vec<Respuesta>> = provider.diario().into_iter().map(|one| one.respuesta).collect();
    let answers = answers.filter(|all| !all.is_empty()).context("no hubo ninguna llamada, o una quedó sin respuesta")?;
    if answers.iter().any(|one| matches!(one, Respuesta::Falla { falla: Falla::Cortada | Falla::SinRespuesta })) {
        bail!("el proveedor no respondió: no hay nada que grabar");
    }
    Ok(answers)
}

/// What stands in the place of what.
pub struct Sustitutos {
    pairs: Vec<(String, String)>,
}

impl Sustitutos {
    pub fn of(ajustes: &Ajustes, mensaje: &Mensaje, resultado: &Resultado) -> Self {
        let mut pairs = Vec::new();
        let mut add = |from: &str, to: String| {
            // A short one would be found everywhere.
            if from.chars().count() >= 2 && !pairs.iter().any(|(known, _)| known == from) {
                pairs.push((from.to_owned(), to));
            }
        };
        if let Resultado::Ok(reference) = resultado {
            add(reference, "referencia-1".into());
        }
        ajustes.secretos.iter().for_each(|(name, secret)| add(secret, format!("secreto-{name}")));
        ajustes.claves.iter().for_each(|(slot, key)| add(key, format!("clave-{slot}")));
        let digits: String = mensaje.to.chars().filter(char::is_ascii_digit).collect();
        let (to, bare) = if mensaje.to.contains('@') { ("persona@example.pe", "") } else { ("+51900000001", "51900000001") };
        add(&mensaje.to, to.into());
        if !bare.is_empty() {
            add(&digits, bare.into());
            add(digits.strip_prefix("51").unwrap_or_default(), "900000001".into());
        }
        add(&mensaje.text, "Un mensaje de prueba".into());
        mensaje.vars.iter().for_each(|(name, value)| add(value, format!("[{name}]")));
        // The longest first: one may be within another.
        pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        Self { pairs }
    }

    pub fn text(&self, text: &str) -> String {
        self.pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(key, value)| (self.text(key), self.value(value))).collect(),
            // A telephone that somebody took for a number.
            Value::Number(number) => {
                let changed = self.text(&number.to_string());
                serde_json::from_str(&changed).unwrap_or(Value::String(changed))
            }
            other => other.clone(),
        }
    }

    fn answer(&self, answer: &Respuesta) -> Respuesta {
        match answer {
            Respuesta::Falla { falla } => Respuesta::Falla { falla: *falla },
            Respuesta::Dice { estado, cabeceras, cuerpo } => Respuesta::Dice {
                estado: *estado,
                cabeceras: cabeceras.iter().map(|(name, value)| (name.clone(), self.text(value))).collect(),
                cuerpo: self.value(cuerpo),
            },
        }
    }

    pub fn case(
        &self,
        name: &str,
        ajustes: &Ajustes,
        mensaje: &Mensaje,
        answers: &[Respuesta],
        resultado: &Resultado,
    ) -> Result<CasoDeCanal> {
        let stand_in = |kind: &str, names: &BTreeMap<String, String>| {
            names.keys().map(|name| (name.clone(), format!("{kind}-{name}"))).collect::<BTreeMap<_, _>>()
        };
        let ajustes = Ajustes {
            // What the schema does not call secret is the chain's own, and has to fit the schema still.
            config: ajustes.config.clone(),
            secretos: stand_in("secreto", &ajustes.secretos),
            claves: stand_in("clave", &ajustes.claves),
        };
        let mensaje = Mensaje {
            to: self.text(&mensaje.to),
            template: mensaje.template.clone(),
            vars: mensaje.vars.iter().map(|(name, value)| (name.clone(), self.text(value))).collect(),
            text: self.text(&mensaje.text),
        };
        let resultado = match resultado {
            Resultado::Ok(reference) => Resultado::Ok(self.text(reference)),
            Resultado::Error(name) => Resultado::Error(name.clone()),
        };
        let proveedor = answers.iter().map(|answer| self.answer(answer)).collect();
        let case = CasoDeCanal { caso: name.to_owned(), ajustes, pasa: Pasa::Envio { mensaje, proveedor, resultado } };
        let text = serde_json::to_string(&case)?;
        if let Some((what, _)) = self.pairs.iter().find(|(from, to)| text.contains(from.as_str()) && !to.contains(from.as_str())) {
            bail!("un valor de {} caracteres quedaría en el caso, quizá porque también está en la configuración", what.chars().count());
        }
        Ok(case)
    }
}

/// A case that does not give the same is none.
async fn replays(banco: &Banco, provider: &Proveedor, case: &CasoDeCanal) -> Result<()> {
    let Pasa::Envio { mensaje, proveedor, resultado } = &case.pasa else {
        return Ok(());
    };
    provider.script(proveedor.clone(), None);
    let channel = banco.install(&case.ajustes)?.notifications()?;
    let (outcome, _) = sends(&channel, mensaje, resultado).await;
    outcome.map_err(|why| anyhow::anyhow!("lo grabado no se repite: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_secret_or_personal_is_left_and_the_reference_stays_the_same() {
        let ajustes: Ajustes = serde_json::from_value(
            json!({"config": {"remitente": "Andes"}, "secretos": {"token": "EAAG123"}, "claves": {"app": "s3cr3to"}}),
        )
        .expect("settings");
        let mensaje: Mensaje =
            serde_json::from_value(json!({"to": "+51987654321", "vars": [["nombre", "Rosa"]], "text": "Hola, Rosa"})).expect("a message");
        let resultado = Resultado::Ok("wamid.51987654321".into());
        let answers = [Respuesta::Dice {
            estado: 200,
            cabeceras: BTreeMap::new(),
            cuerpo: json!({"id": "wamid.51987654321", "a": 51_987_654_321_u64, "b": "987654321", "eco": "EAAG123 para Rosa"}),
        }];
        let taken = Sustitutos::of(&ajustes, &mensaje, &resultado);
        let case = taken.case("uno", &ajustes, &mensaje, &answers, &resultado).expect("a case");
        let text = serde_json::to_string(&case).expect("JSON");
        for gone in ["EAAG123", "s3cr3to", "987654321", "Rosa"] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        assert_eq!(text.matches("referencia-1").count(), 2, "{text}");
    }

    #[test]
    fn what_is_also_in_the_configuration_is_not_written() {
        let ajustes: Ajustes =
            serde_json::from_value(json!({"config": {"copia": "EAAG123"}, "secretos": {"token": "EAAG123"}})).expect("settings");
        let mensaje: Mensaje = serde_json::from_value(json!({"to": "+51987654321"})).expect("a message");
        let resultado = Resultado::Error("rejected".into());
        let taken = Sustitutos::of(&ajustes, &mensaje, &resultado);
        assert!(taken.case("uno", &ajustes, &mensaje, &[], &resultado).is_err());
    }
}
