package studio.atelier.app;

import javafx.scene.Node;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.images.ImagesView;
import studio.atelier.app.shell.Notices;
import studio.atelier.app.shell.Sections;
import studio.atelier.app.shell.SheetPane;

/**
 * What the image panel asks of the window.
 *
 * @param models the section where models are found
 */
record ImagesWindow(Sections sections, Sections.Section models, Notices notices, SheetPane sheets, Messages messages)
        implements ImagesView.Window {
    @Override
    public void findModels() {
        sections.show(models);
    }

    @Override
    public void notice(String text) {
        notices.say(text);
    }

    @Override
    public void offerUndo(String text, Runnable undo) {
        notices.offer(text, messages.text("sidebar.undo"), undo);
    }

    @Override
    public void showSheet(Node sheet) {
        sheets.show(sheet);
    }

    @Override
    public void hideSheet() {
        sheets.hide();
    }
}
