package studio.atelier.models.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A host's key, with a certificate by an authority of its own; made anew by the JDK's {@code keytool}. */
public final class Keys {
    private static final String PASSWORD = "changeit";

    private final KeyStore store;

    private Keys(KeyStore store) {
        this.store = store;
    }

    /**
     * Makes them.
     *
     * @param more of keytool's options for the host, such as {@code -validity}
     */
    public static Keys make(Path folder, String... more) throws Exception {
        Path file = Files.createTempFile(folder, "keys", ".p12");
        Files.delete(file);
        keytool(file, List.of("-alias", "authority", "-dname", "CN=authority", "-ext", "bc:c"));
        List<String> host = new ArrayList<>(List.of("-alias", "host", "-dname", "CN=host", "-signer", "authority"));
        host.addAll(List.of(more));
        keytool(file, host);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        Files.delete(file);
        return new Keys(store);
    }

    private static void keytool(Path file, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString()));
        command.addAll(options);
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!keytool.waitFor(120, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool made no keys with " + options);
        }
    }

    /** As the host that has them. */
    public SSLContext host() throws GeneralSecurityException, IOException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        // Without the authority's own key, which could be taken for the host's.
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        char[] password = PASSWORD.toCharArray();
        own.setKeyEntry("host", store.getKey("host", password), password, store.getCertificateChain("host"));
        managers.init(own, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** As somebody who trusts this authority, and no other. */
    public SSLContext believer() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", store.getCertificate("authority"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
