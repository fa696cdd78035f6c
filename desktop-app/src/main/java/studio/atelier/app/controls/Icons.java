package studio.atelier.app.controls;

import org.kordamp.ikonli.feather.Feather;
import org.kordamp.ikonli.javafx.FontIcon;

/** The window's icons; the style sheet gives them their colour. */
public final class Icons {
    private Icons() {}

    /** 16 pixels, for controls. */
    public static FontIcon control(Feather shape) {
        return new FontIcon(shape);
    }

    /** 14 pixels, for lines of text. */
    public static FontIcon inline(Feather shape) {
        FontIcon icon = new FontIcon(shape);
        icon.getStyleClass().add("icon-14");
        return icon;
    }

    /** 28 pixels, for empty states. */
    public static FontIcon large(Feather shape) {
        FontIcon icon = new FontIcon(shape);
        icon.getStyleClass().add("icon-28");
        return icon;
    }
}
