package studio.atelier.engine;

import java.nio.file.Path;

/**
 * What an open model is.
 *
 * @param folder where its files lie
 * @param name the folder's name, for people
 * @param architecture the {@code model_type} of its configuration
 * @param quantization for people: "4-bit", "BF16", "FP8"
 * @param contextLimit most tokens it was made for, or fewer when the options say so
 * @param weightBytes bytes of all its weights on the disk
 * @param backend for people: what computes it, such as "CPU, 8 threads, 512-bit vectors"
 * @param reasons whether its chat template knows a thinking part
 */
public record ModelInfo(
        Path folder,
        String name,
        String architecture,
        String quantization,
        int contextLimit,
        long weightBytes,
        String backend,
        boolean reasons) {}
