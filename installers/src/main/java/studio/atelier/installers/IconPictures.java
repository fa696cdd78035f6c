package studio.atelier.installers;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Component;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** The icon of the program as pictures of any size, drawn from its SVG. */
final class IconPictures {
    private final SVGDocument drawing;

    /** @throws IOException when the SVG can't be read */
    IconPictures(URL svg) throws IOException {
        SVGDocument read = new SVGLoader().load(svg);
        if (read == null) {
            throw new IOException("The icon " + svg + " can't be read as SVG.");
        }
        drawing = read;
    }

    /** A PNG file of so many pixels each way, transparent around the shape. */
    byte[] png(int pixels) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture(pixels), "png", bytes);
        return bytes.toByteArray();
    }

    BufferedImage picture(int pixels) {
        BufferedImage picture = new BufferedImage(pixels, pixels, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        @Nullable Component none = null;
        drawing.render(none, graphics, new ViewBox(0, 0, pixels, pixels));
        graphics.dispose();
        return picture;
    }
}
