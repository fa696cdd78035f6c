package studio.atelier.app.page;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.net.spi.URLStreamHandlerProvider;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import studio.atelier.assets.Assets;

/**
 * Serves the page's own files under {@code atelier://page/…}, out of the program's resources. The address has a host and
 * a path, so relative links work, which they do not inside a jar; nothing else can be asked for. Java finds this class as
 * a service.
 */
public final class PageFiles extends URLStreamHandlerProvider {
    static final String START = "atelier://page/chat.html";

    private static final String SCHEME = "atelier";
    private static final String HOST = "page";
    private static final Pattern NAME = Pattern.compile("/[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*(\\.[a-z0-9]+)+");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "ttf", "font/ttf",
            "woff", "font/woff");

    @Override
    public @Nullable URLStreamHandler createURLStreamHandler(String protocol) {
        return protocol.equals(SCHEME) ? new Handler() : null;
    }

    private static final class Handler extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL address) throws IOException {
            String path = address.getPath();
            String type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
            if (!address.getHost().equals(HOST)
                    || type == null
                    || !NAME.matcher(path).matches()
                    || !Assets.has(asset(path))) {
                throw new FileNotFoundException("the page has no file " + address);
            }
            return new PageFile(address, asset(path), type);
        }

        /** The window and the page write in the same fonts. */
        private static String asset(String path) {
            return path.startsWith("/fonts/") ? path.substring(1) : "web" + path;
        }
    }

    private static final class PageFile extends URLConnection {
        private final String name;
        private final String type;

        PageFile(URL address, String name, String type) {
            super(address);
            this.name = name;
            this.type = type;
        }

        @Override
        public void connect() {
            connected = true;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return Assets.open(name);
        }

        @Override
        public String getContentType() {
            return type;
        }
    }
}
