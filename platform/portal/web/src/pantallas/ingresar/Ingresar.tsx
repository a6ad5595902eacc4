import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertCircle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { consultas } from '@/api/cliente';
import { erroresDeCampos, esProblema, Problema } from '@/api/problema';
import { textoDeFalla } from '@/app/avisos';
import { Enlace, useFiltros, useIr } from '@/app/direccion';
import { cadenaDeLaDireccion, entrar, ultimaCadena, type Entrada } from '@/app/entrada';
import { Portada } from './Portada';

export default function Ingresar() {
  const { t } = useTranslation('ingresar');
  const [{ luego }] = useFiltros({ luego: '' });
  const ir = useIr();
  const [datos, setDatos] = useState<Entrada | null>(null);
  useEffect(() => {
    document.title = `${t('titulo')} · Huella`;
  }, [t]);

  async function intentar(nuevos: Entrada) {
    const entrado = await entrar(nuevos);
    // What another person read on this computer is not this one's.
    consultas.clear();
    const destino = new URL(luego.startsWith('/') && !luego.startsWith('//') ? luego : '/inicio', location.origin);
    if (entrado.debe_enrolar) ir('/cuenta', { segundo: '1' }, true);
    else ir(destino.pathname, Object.fromEntries(destino.searchParams), true);
  }
  return (
    <Portada>
      {datos ? (
        <SegundoPaso datos={datos} intentar={intentar} volver={() => setDatos(null)} />
      ) : (
        <PrimerPaso intentar={intentar} alFaltarCodigo={setDatos} />
      )}
    </Portada>
  );
}

function useTexto() {
  const { t } = useTranslation('ingresar');
  return (falla: unknown) => {
    if (!(falla instanceof Problema)) return textoDeFalla(falla);
    const segundos = falla.extra<number>('reintentar_en') ?? falla.extra<number>('retry_after');
    if (falla.status === 429 && segundos) return segundos < 90 ? t('espere', { segundos }) : t('espere_min', { count: Math.ceil(segundos / 60) });
    return textoDeFalla(falla);
  };
}

function PrimerPaso({ intentar, alFaltarCodigo }: { intentar: (datos: Entrada) => Promise<void>; alFaltarCodigo: (datos: Entrada) => void }) {
  const { t } = useTranslation('ingresar');
  const cadena = cadenaDeLaDireccion();
  const texto = useTexto();
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  const formulario = useForm<Entrada>({
    initialValues: { cadena: ultimaCadena(), correo: '', contrasena: '' },
    validate: {
      cadena: (valor) => (valor.trim() ? null : t('cadena_falta')),
      correo: (valor) => (valor.trim() ? null : t('correo_falta')),
      contrasena: (valor) => (valor ? null : t('contrasena_falta')),
    },
  });
  async function enviar(valores: Entrada) {
    const datos = { ...valores, cadena: valores.cadena.trim().toLowerCase(), correo: valores.correo.trim() };
    setVa(true);
    setFalla('');
    try {
      await intentar(datos);
    } catch (error) {
      if (esProblema(error, 'falta-codigo')) return alFaltarCodigo(datos);
      const campos = erroresDeCampos(error);
      if (Object.keys(campos).length > 0) formulario.setErrors(campos);
      else setFalla(texto(error));
    } finally {
      setVa(false);
    }
  }
  return (
    <form noValidate onSubmit={formulario.onSubmit((valores) => void enviar(valores))}>
      <Stack>
        <Title order={1} size="h2">
          {cadena ? t('bienvenida_cadena', { cadena: cadena.charAt(0).toUpperCase() + cadena.slice(1) }) : t('bienvenida')}
        </Title>
        {falla && (
          <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} role="alert">
            {falla}
          </Alert>
        )}
        {!cadena && <TextInput label={t('app:entrada.cadena')} description={t('app:entrada.cadena_ayuda')} autoCapitalize="none" autoComplete="organization" size="md" {...formulario.getInputProps('cadena')} />}
        <TextInput label={t('app:entrada.correo')} type="email" autoComplete="username" autoFocus size="md" {...formulario.getInputProps('correo')} />
        <PasswordInput
          label={t('app:entrada.contrasena')}
          autoComplete="current-password"
          size="md"
          visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }}
          {...formulario.getInputProps('contrasena')}
        />
        <Button type="submit" size="md" loading={va}>
          {t('app:entrada.entrar')}
        </Button>
        <Anchor component={Enlace} a="/olvido" size="sm">
          {t('olvido')}
        </Anchor>
      </Stack>
    </form>
  );
}

function SegundoPaso({ datos, intentar, volver }: { datos: Entrada; intentar: (datos: Entrada) => Promise<void>; volver: () => void }) {
  const { t } = useTranslation('ingresar');
  const texto = useTexto();
  const [codigo, setCodigo] = useState('');
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  async function enviar(conCodigo: string) {
    setVa(true);
    setFalla('');
    try {
      await intentar({ ...datos, codigo: conCodigo.trim() });
    } catch (error) {
      setCodigo('');
      setFalla(esProblema(error, 'codigo-incorrecto') ? t('codigo_malo') : texto(error));
    } finally {
      setVa(false);
    }
  }
  return (
    <form
      onSubmit={(evento) => {
        evento.preventDefault();
        void enviar(codigo);
      }}
    >
      <Stack>
        <div>
          <Title order={1} size="h2">
            {t('segundo')}
          </Title>
          <Text c="dimmed">{t('segundo_detalle')}</Text>
        </div>
        <TextInput
          label={t('app:entrada.codigo')}
          value={codigo}
          onChange={(evento) => {
            const nuevo = evento.currentTarget.value;
            setCodigo(nuevo);
            // Six digits are complete: nobody has to press a button while the code runs out.
            if (/^\d{6}$/.test(nuevo) && !va) void enviar(nuevo);
          }}
          autoComplete="one-time-code"
          inputMode="numeric"
          size="md"
          autoFocus
          error={falla || null}
        />
        <Button type="submit" size="md" loading={va} disabled={codigo.trim().length < 6}>
          {t('continuar')}
        </Button>
        <Anchor component="button" type="button" size="sm" onClick={volver}>
          {t('otra_cuenta')}
        </Anchor>
      </Stack>
    </form>
  );
}
