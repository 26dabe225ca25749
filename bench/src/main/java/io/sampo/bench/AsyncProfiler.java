package io.sampo.bench;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.sampo.bench.server.LoadProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Profiles a JVM while a load is measured: the native library of async-profiler, which its
 * published jar carries, is loaded into the process when the measured stretch begins and told to
 * stop when it ends.
 */
final class AsyncProfiler implements LoadProcess.Stretch {
  private static final String LIBRARY = "libasyncProfiler.so";

  private final long pid;
  private final Path library;
  private final String event;
  private final Path directory;

  /**
   * @param event "cpu", "alloc", "wall" or "lock", or any other that the profiler knows
   * @param directory gets profile.collapsed and profile.html
   */
  AsyncProfiler(long pid, String event, Path directory) throws IOException {
    this.pid = pid;
    this.event = event;
    this.directory = Files.createDirectories(directory);
    this.library = unpack(directory);
  }

  /** Thread by thread, frames joined by semicolons. */
  Path collapsed() {
    return directory.resolve("profile.collapsed");
  }

  /** A flame graph for a browser. */
  Path flameGraph() {
    return directory.resolve("profile.html");
  }

  @Override
  public void begins() throws IOException {
    String interval = event.equals("cpu") || event.equals("wall") ? ",interval=1ms" : "";
    command("start,event=" + event + interval + ",threads");
  }

  @Override
  public void ends() throws IOException {
    command("stop,threads,collapsed,file=" + collapsed());
    command("dump,flamegraph,file=" + flameGraph());
  }

  private void command(String arguments) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
      try {
        machine.loadAgentPath(library.toString(), arguments);
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException("the profiler refuses " + arguments + " in the JVM " + pid, e);
    }
  }

  private static Path unpack(Path directory) throws IOException {
    String architecture =
        System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64") ? "arm64" : "x64";
    String resource = "/linux-" + architecture + "/" + LIBRARY;
    try (InputStream in = AsyncProfiler.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("async-profiler has nothing for this machine: " + resource);
      }
      Path library = directory.resolve(LIBRARY).toAbsolutePath();
      Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
      return library;
    }
  }
}
