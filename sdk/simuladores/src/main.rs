//! `simulador whatsapp --puerto 9101`: one provider on a fixed port, until Ctrl-C.
use clap::{Parser, ValueEnum};
use simuladores::{vonage, whatsapp};

#[derive(Parser)]
#[command(about = "Un proveedor simulado en 127.0.0.1, con fallas a pedido en /_simulador/fallas")]
struct Arguments {
    proveedor: Proveedor,
    /// 0 toma uno libre.
    #[arg(long, default_value_t = 0)]
    puerto: u16,
    /// Adónde avisa qué fue de cada mensaje.
    #[arg(long)]
    webhook: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Proveedor {
    Whatsapp,
    Vonage,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { proveedor, puerto, webhook } = Arguments::parse();
    let server = match proveedor {
        Proveedor::Whatsapp => {
            let cuenta = whatsapp::Cuenta { webhook, ..Default::default() };
            println!("número {}, token {}, secreto {}", cuenta.numero_id, cuenta.token, cuenta.secreto);
            whatsapp::servir(puerto, cuenta).await?
        }
        Proveedor::Vonage => {
            let cuenta = vonage::Cuenta { webhook, ..Default::default() };
            println!("clave {}, secreto {}, secreto de firma {}", cuenta.clave, cuenta.secreto, cuenta.secreto_firma);
            vonage::servir(puerto, cuenta).await?
        }
    };
    println!("{}", server.url());
    Ok(server.hasta_el_fin().await?)
}
