package dev.walnut;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** What is done otherwise on virtual threads; {@code Thread.isVirtual} is younger than Java 17. */
final class VirtualThreads {
  private static final @Nullable MethodHandle IS_VIRTUAL = lookUp();

  private VirtualThreads() {}

  static boolean isVirtual(Thread thread) {
    if (IS_VIRTUAL == null) {
      return false;
    }
    try {
      return (boolean) IS_VIRTUAL.invokeExact(thread);
    } catch (Throwable t) {
      throw new AssertionError("Thread.isVirtual throws nothing", t);
    }
  }

  private static @Nullable MethodHandle lookUp() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null; // a runtime without virtual threads
    }
  }

  /**
   * Calls something that syncs: on the calling thread, or on a platform thread if that is a virtual
   * one, whose carrier a sync would pin. The wait is not ended by an interrupt.
   */
  static <T> T callPinning(String name, Callable<T> call) throws IOException {
    if (isVirtual(Thread.currentThread())) {
      return callAside(name, call);
    }
    FutureTask<T> task = new FutureTask<>(call);
    task.run();
    return outcome(task);
  }

  /**
   * Calls something on a platform thread with a stack of its own; on the calling thread, if the
   * system has no more threads. The wait is not ended by an interrupt.
   */
  static <T> T callAside(String name, Callable<T> call) throws IOException {
    FutureTask<T> task = new FutureTask<>(call);
    try {
      Worker.newThread(task, name).start();
    } catch (OutOfMemoryError e) {
      task.run();
    }
    return outcome(task);
  }

  private static <T> T outcome(FutureTask<T> task) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException rethrown(@Nullable Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    throw new AssertionError("only these are thrown", failure);
  }
}
