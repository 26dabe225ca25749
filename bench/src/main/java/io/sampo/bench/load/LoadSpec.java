package io.sampo.bench.load;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What a load process is told, as a properties file: the format that needs no library on a class
 * path that belongs to the client under test.
 *
 * @param workload its name
 * @param client "official" or "sampo"
 * @param nameServer host:port
 * @param serverPids the processes whose cost is measured
 * @param amount how long and how much
 */
public record LoadSpec(
    String workload, String client, String nameServer, List<Long> serverPids, LoadAmount amount) {

  /** Writes the file that {@link #read} reads. */
  public void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("workload", workload);
    properties.setProperty("client", client);
    properties.setProperty("nameServer", nameServer);
    properties.setProperty(
        "serverPids", serverPids.stream().map(String::valueOf).collect(Collectors.joining(",")));
    amount.addTo(properties);
    try (Writer out = Files.newBufferedWriter(file)) {
      properties.store(out, null);
    }
  }

  static LoadSpec read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    return new LoadSpec(
        properties.getProperty("workload"),
        properties.getProperty("client"),
        properties.getProperty("nameServer"),
        Arrays.stream(properties.getProperty("serverPids").split(",", -1))
            .map(Long::valueOf)
            .toList(),
        LoadAmount.from(properties));
  }
}
