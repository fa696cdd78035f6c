package studio.atelier.engine.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.IIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;

/**
 * A picture that came from a file: the pixels, and how they came to be where the file says so.
 *
 * <p>Files that are written are PNG, or JPEG when the name ends so; read is what the JDK reads, which is PNG, JPEG, GIF and
 * BMP.
 */
public record PictureFile(Picture picture, Optional<Provenance> provenance) {
    private static final int MOST_BYTES = 256 << 20;
    private static final float JPEG_QUALITY = 0.92f;
    private static final int JPEG_APP1 = 0xE1;

    /**
     * Reads a file.
     *
     * @throws IOException in one sentence when it is no picture, damaged, or too large
     */
    public static PictureFile read(Path file) throws IOException {
        byte[] bytes = bytes(file);
        if (bytes.length > MOST_BYTES) {
            throw new IOException(
                    file + " is larger than " + MOST_BYTES / (1 << 20) + " MB; make the picture smaller.");
        }
        boolean png = bytes.length > PngWriter.SIGNATURE.length
                && Arrays.equals(PngWriter.SIGNATURE, Arrays.copyOf(bytes, PngWriter.SIGNATURE.length));
        Map<String, String> texts = png ? PngTexts.read(bytes, file.toString()) : Map.of();
        Picture picture = decode(bytes, file);
        return new PictureFile(picture, provenance(texts, picture));
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder; choose a picture's file.");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException("There is no file " + file + "; choose a picture's file.", e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + " may not be read by you; allow it, or choose another file.", e);
        }
    }

    private static Optional<Provenance> provenance(Map<String, String> texts, Picture picture) {
        Optional<Provenance> own =
                texts.containsKey("atelier") ? ProvenanceText.ofJson(texts.get("atelier")) : Optional.empty();
        if (own.isPresent() || !texts.containsKey("parameters")) {
            return own;
        }
        return ProvenanceText.ofParameters(texts.get("parameters"), picture.width(), picture.height());
    }

    private static Picture decode(byte[] bytes, Path file) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new IOException(file + " is no picture that can be read: PNG, JPEG, GIF and BMP can.");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                int width = reader.getWidth(0);
                int height = reader.getHeight(0);
                if (width > Picture.MOST_SIDE
                        || height > Picture.MOST_SIDE
                        || (long) width * height > Picture.MOST_PIXELS) {
                    throw new IOException(file + " has " + width + " × " + height + " pixels; at most "
                            + Picture.MOST_PIXELS / 1_000_000 + " million and " + Picture.MOST_SIDE
                            + " a side can be opened.");
                }
                return pixels(reader, width, height, file);
            } finally {
                reader.dispose();
            }
        } catch (RuntimeException | IIOException | EOFException e) {
            throw new IOException(file + " is damaged and can't be read as a picture: " + why(e) + ".", e);
        }
    }

    /** What the innermost reader says, without its own end of a sentence. */
    private static String why(Throwable failure) {
        Throwable cause = failure.getCause();
        if (cause != null && cause.getMessage() != null) {
            return why(cause);
        }
        return String.valueOf(failure.getMessage()).replaceFirst("[.!\\s]+$", "");
    }

    private static Picture pixels(ImageReader reader, int width, int height, Path file) throws IOException {
        try {
            BufferedImage image = reader.read(0);
            return Picture.of(width, height, image.getRGB(0, 0, width, height, null, 0, width));
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    file + " has " + width + " × " + height
                            + " pixels, for which the memory that is left is too small; make the picture smaller.",
                    e);
        }
    }

    /** Writes to a file, which is replaced only when everything is on the disk. */
    public void write(Path file) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            Files.write(partial, isJpeg(file) ? jpeg() : PngWriter.bytes(picture, provenance));
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /** Whether a file of this name can be written. */
    public static boolean canWrite(Path file) {
        return isJpeg(file)
                || String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".png");
    }

    /** The same picture with nothing said about it: for passing on. */
    public PictureFile stripped() {
        return new PictureFile(picture, Optional.empty());
    }

    private static boolean isJpeg(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".jpg") || name.endsWith(".jpeg");
    }

    /** JPEG knows no transparency, so the picture is laid on white; of the provenance it carries the XMP. */
    private byte[] jpeg() throws IOException {
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        int width = picture.width();
        image.setRGB(0, 0, width, picture.height(), picture.over(0xFFFFFF).pixels(), 0, width);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(JPEG_QUALITY);
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), settings);
            if (provenance.isPresent()) {
                addXmp(metadata);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, metadata), settings);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static void addXmp(IIOMetadata metadata) throws IOException {
        String format = metadata.getNativeMetadataFormatName();
        IIOMetadataNode segment = new IIOMetadataNode("unknown");
        segment.setAttribute("MarkerTag", String.valueOf(JPEG_APP1));
        segment.setUserObject(("http://ns.adobe.com/xap/1.0/\0" + ProvenanceText.xmp())
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        IIOMetadataNode root = new IIOMetadataNode(format);
        root.appendChild(new IIOMetadataNode("JPEGvariety"));
        IIOMetadataNode sequence = new IIOMetadataNode("markerSequence");
        sequence.appendChild(segment);
        root.appendChild(sequence);
        metadata.mergeTree(format, root);
    }
}
