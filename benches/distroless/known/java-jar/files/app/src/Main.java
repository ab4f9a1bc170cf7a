import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32;

public class Main {
    public static void main(String[] arguments) throws Exception {
        System.out.println("Hallo " + arguments[0]);
        System.out.println(Instant.ofEpochSecond(1700000000).atZone(ZoneId.of("Asia/Tokyo")));
        System.out.println(String.format(Locale.GERMANY, "%,.2f", 1234567.891));
        System.out.println(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest("abc".getBytes())).substring(0, 16));
        CRC32 sum = new CRC32();
        sum.update("abc".getBytes());
        System.out.println(sum.getValue());
        Path file = Files.createTempFile("a", "b");
        Files.writeString(file, "ä");
        System.out.println(Files.size(file));
        HttpResponse<String> answer = HttpClient.newHttpClient().send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:18080/hello")).build(), HttpResponse.BodyHandlers.ofString());
        System.out.print(answer.statusCode() + " " + answer.body());
    }
}
