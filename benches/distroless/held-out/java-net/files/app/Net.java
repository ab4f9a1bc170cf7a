import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.URL;
import java.nio.charset.Charset;
import java.sql.Timestamp;
import java.text.Collator;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;
import java.util.TimeZone;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import javax.script.ScriptEngineManager;
import javax.xml.parsers.DocumentBuilderFactory;

public class Net {
    public static void main(String[] arguments) throws Exception {
        try (var in = new BufferedReader(new InputStreamReader(new URL(arguments[0]).openStream()))) {
            System.out.println(in.readLine());
        }
        System.out.println(TimeZone.getDefault().getID() + " " + new Timestamp(1700000000000L));
        System.out.println(new String(new byte[] {(byte) 0xa4, (byte) 0xa2}, Charset.forName("EUC-JP")).codePointAt(0));
        Cipher cipher = Cipher.getInstance("AES/ECB/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[16], "AES"));
        System.out.println(cipher.doFinal("abc".getBytes()).length);
        System.out.println(LocalDate.of(2023, 11, 14).format(DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL).withLocale(Locale.FRANCE)));
        System.out.println(Collator.getInstance(Locale.GERMANY).compare("ä", "b") + " " + InetAddress.getByName("localhost").isLoopbackAddress());
        System.out.println(DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument().getXmlVersion());
        Process process = new ProcessBuilder("uname", "-s").start();
        System.out.print(new String(process.getInputStream().readAllBytes()));
        System.out.println(new java.awt.image.BufferedImage(2, 2, 1).getWidth() + " " + new ScriptEngineManager().getEngineFactories().size());
    }
}
