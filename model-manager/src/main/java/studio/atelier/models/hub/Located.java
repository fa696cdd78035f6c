package studio.atelier.models.hub;

import java.net.URI;
import java.util.Optional;

/**
 * Where the bytes of a file can be had for a while. The address may be a signed one, a secret: this prints without it.
 *
 * @param hash as the hub's headers say it at this moment
 */
public record Located(String path, URI address, long sizeBytes, Optional<ContentHash> hash) {
    @Override
    public String toString() {
        return path + " at " + address.getHost() + ", " + sizeBytes + " bytes";
    }
}
